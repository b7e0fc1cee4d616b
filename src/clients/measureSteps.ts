/** A measurement of many tasks: its steps in order, and one of them made. */
import type {
	EvaluationProgress,
	EvaluationTask,
	MetricRow,
	NamedPrediction,
} from '../contract/evaluation.ts';
import type { LensChart } from '../contract/lens.ts';
import type { StoreApi, TrainerApi } from '../contract/workers.ts';
import { measureTask } from './measureTask.ts';

/** A task on one of the models; `lens`: looked at layer by layer. */
export interface MeasureStep {
	readonly weights: 'base' | 'current';
	readonly task: EvaluationTask;
	readonly lens: boolean;
}

/** Base first; each task, and then each look into the layers. */
export function measureSteps(
	tasks: readonly EvaluationTask[],
	adapted: boolean,
	lens: boolean,
): readonly MeasureStep[] {
	const passes = adapted ? (['base', 'current'] as const) : (['base'] as const);
	const looks = lens ? tasks.filter(({ kind }) => kind === 'words') : [];
	return passes.flatMap((weights) => [
		...tasks.map((task) => ({ weights, task, lens: false })),
		...looks.map((task) => ({ weights, task, lens: true })),
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
	{ weights, task, lens }: MeasureStep,
	onProgress: (progress: EvaluationProgress) => void,
): Promise<StepResult> {
	if (!lens || task.kind !== 'words')
		return { ...(await measureTask(trainer, weights, task, onProgress)), charts: [] };
	const { seed, shots } = task;
	const draw = shots === undefined ? { seed } : { seed, shots };
	const charts = await trainer.lens({ weights, sets: [task.set], ...draw }, onProgress);
	return { rows: [], predictions: [], charts };
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
