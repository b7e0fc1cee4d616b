/** One task on the loaded model, every answer known by its task. */
import type {
	EvaluationProgress,
	EvaluationRequest,
	EvaluationTask,
	MetricRow,
	NamedPrediction,
	Prediction,
} from '../contract/evaluation.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';

export interface MeasuredTask {
	readonly rows: readonly MetricRow[];
	/** In the order of the runs and items. */
	readonly predictions: readonly NamedPrediction[];
}

/** Rejects as `TrainerApi.evaluate` does. */
export async function measureTask(
	trainer: Pick<TrainerApi, 'evaluate'>,
	weights: EvaluationRequest['weights'],
	task: EvaluationTask,
	onProgress: (progress: EvaluationProgress) => void,
): Promise<MeasuredTask> {
	let given: readonly Prediction[] = [];
	const rows = await trainer.evaluate({ weights, tasks: [task] }, onProgress, (all) => {
		given = all;
	});
	const [first] = rows;
	if (!first) return { rows, predictions: [] };
	const about = { task: first.task, subject: first.subject, weights: first.weights };
	return { rows, predictions: given.map((one) => ({ ...about, ...one })) };
}
