/** A measurement of many tasks: its steps in order, and one of them made. */
import type {
	EvaluationProgress,
	EvaluationTask,
	MetricRow,
	NamedPrediction,
	TrainedCount,
} from '../contract/evaluation.ts';
import type { LensChart } from '../contract/lens.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi } from '../contract/dataApi.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import { measureTask } from './measureTask.ts';

/** A task on one of the models; `lens`: looked at layer by layer. */
export interface MeasureStep {
	readonly weights: 'base' | 'current';
	readonly task: EvaluationTask;
	readonly lens: boolean;
	/** What of its items the measured weights were trained on; null: not known, or not trained. */
	readonly trained: TrainedCount | null;
}

/** Base first; each task, and then each look into the layers. `trained`: of each task, where it is known. */
export function measureSteps(
	tasks: readonly EvaluationTask[],
	adapted: boolean,
	lens: boolean,
	trained: readonly (TrainedCount | null)[] = [],
): readonly MeasureStep[] {
	const passes = adapted ? (['base', 'current'] as const) : (['base'] as const);
	const looks = lens ? tasks.filter(({ kind }) => kind === 'words') : [];
	return passes.flatMap((weights) => [
		...tasks.map((task, index) => ({
			...{ weights, task, lens: false },
			trained: weights === 'current' ? (trained[index] ?? null) : null,
		})),
		...looks.map((task) => ({ weights, task, lens: true, trained: null })),
	]);
}

export interface StepResult {
	readonly rows: readonly MetricRow[];
	readonly predictions: readonly NamedPrediction[];
	/** Of a look into the layers, with the examples of the first run; such a step has nothing else. */
	readonly charts: readonly LensChart[];
}

/** Rejects as `TrainerApi.evaluate` does. */
export async function measureStep(
	trainer: Pick<TrainerApi, 'evaluate' | 'lens'>,
	{ weights, task, lens, trained }: MeasureStep,
	onProgress: (progress: EvaluationProgress) => void,
): Promise<StepResult> {
	if (!lens || task.kind !== 'words') {
		const { rows, predictions } = await measureTask(trainer, weights, task, onProgress);
		return { rows: withTrained(rows, trained), predictions, charts: [] };
	}
	const { seed, shots } = task;
	const draw = shots === undefined ? { seed } : { seed, shots };
	const charts = await trainer.lens({ weights, sets: [task.set], ...draw }, onProgress);
	return { rows: [], predictions: [], charts };
}

/** Rows that say how many of their items were trained on. */
function withTrained(
	rows: readonly MetricRow[],
	counted: TrainedCount | null,
): readonly MetricRow[] {
	if (!counted?.trained) return rows;
	return rows.map((row) => ({
		...row,
		overlap: { ...{ repeated: 0, shown: 0 }, ...row.overlap, ...counted },
	}));
}

/**
 * What of each task the run with this data was trained on, and a note where that could not be looked at. Rejects as
 * `DataApi.trainedItems` does but for a dataset that is not stored any more.
 */
export async function findTrained(
	data: Pick<DataApi, 'trainedItems'>,
	spec: DataSpec,
	tasks: readonly EvaluationTask[],
): Promise<{
	readonly trained: readonly (TrainedCount | null)[];
	readonly notes: readonly string[];
}> {
	try {
		return { trained: await data.trainedItems(spec, tasks), notes: [] };
	} catch (error) {
		if (!(error instanceof Error && error.name === 'NotFound')) throw error;
		const note =
			'The rows that the run was trained on are not in the library any more; items that stand in them are not told';
		return { trained: [], notes: [note] };
	}
}

/** Stores rows and answers of one task with their run. Rejects with `NotFound` where there is no such run. */
export async function keepMeasured(
	store: Pick<StoreApi, 'saveResults' | 'saveAnswers'>,
	run: string,
	{ rows, predictions }: Pick<StepResult, 'rows' | 'predictions'>,
): Promise<void> {
	if (rows.length > 0) await store.saveResults(run, rows);
	if (predictions.length > 0) await store.saveAnswers(run, predictions);
}
