/** What comes of a study's job, done now or before. */
import type { EvaluationTask, Measurement, MetricRow } from '../contract/evaluation.ts';
import type { StudyJob } from '../contract/study.ts';
import type { StepEvent } from '../contract/training.ts';
import type { StoreApi } from '../contract/workers.ts';

export interface StudyResult {
	/** Id of the job. */
	readonly job: string;
	/** Id of its run; null where nothing was trained. */
	readonly run: string | null;
	readonly status: 'finished' | 'failed' | 'cancelled';
	/** True where the run was finished and measured before: nothing was done. */
	readonly stored: boolean;
	/** Of the final tasks; empty unless finished. */
	readonly rows: readonly MetricRow[];
	/** Of a stored run, what was kept of it; else empty, for it was told as it happened. */
	readonly metrics: readonly StepEvent[];
	readonly measurements: readonly Measurement[];
	readonly error: Error | null;
	readonly seconds: { readonly training: number; readonly measuring: number };
}

/** The result of a job that has none. */
export function emptyResult(
	job: string,
	status: StudyResult['status'],
	error: Error | null,
): StudyResult {
	const seconds = { training: 0, measuring: 0 };
	const empty = { rows: [], metrics: [], measurements: [], seconds };
	return { job, run: null, status, stored: false, error, ...empty };
}

/** The job's result, if its run is finished and every final task of the job was measured on it; else null. */
export async function storedResult(
	store: Pick<StoreApi, 'run'>,
	job: StudyJob,
	run: string,
): Promise<StudyResult | null> {
	let detail: Awaited<ReturnType<StoreApi['run']>>;
	try {
		detail = await store.run(run);
	} catch (error) {
		if (error instanceof Error && error.name === 'NotFound') return null;
		throw error;
	}
	const { record, metrics, measurements, results } = detail;
	const own = job.final.map((task) => results.filter((row) => isOf(task, row)));
	if (record.status !== 'finished' || own.some((rows) => rows.length === 0)) return null;
	const training = metrics.reduce((sum, { seconds }) => sum + seconds, 0);
	const result = { ...emptyResult(job.id, 'finished', null), run, stored: true };
	const kept = { metrics, measurements, seconds: { training, measuring: 0 } };
	return { ...result, rows: own.flat(), ...kept };
}

/** Whether a row is about the same items: their number tells those of an older version of the task. */
function isOf(task: EvaluationTask, row: MetricRow): boolean {
	if (row.weights !== 'adapted' || (task.kind !== 'generation' && task.kind !== 'choice'))
		return false;
	const { name, subject, items } = task;
	return row.task === name && row.subject === subject && row.count === items.length;
}
