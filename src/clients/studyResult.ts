/** What comes of a study's job, done now or before. */
import type { Measurement, MetricRow } from '../contract/evaluation.ts';
import { totalSteps } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import { isProbed, type StepEvent } from '../contract/training.ts';
import type { StoreApi } from '../contract/storeApi.ts';

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

/** A job with the names under which it is stored. */
export interface NamedJob {
	readonly job: StudyJob;
	/** Id of its run; null where nothing is trained. */
	readonly run: string | null;
	/** Fingerprint of its final tasks. */
	readonly tasks: string;
	/** The model that is measured where nothing is trained. */
	readonly model: string;
}

/**
 * The job's result where its tasks were measured on its finished run, or on the base model; else null. `anew`: the run is
 * finished without the curve that the job needs, and has to be made again from its beginning.
 */
export async function storedResult(
	store: Pick<StoreApi, 'run' | 'final'>,
	{ job, run, tasks, model }: NamedJob,
): Promise<{ readonly result: StudyResult | null; readonly anew: boolean }> {
	const rows = await store.final(run ?? model, tasks);
	const result = { ...emptyResult(job.id, 'finished', null), run, stored: true };
	if (run === null) return { result: rows && { ...result, rows }, anew: false };
	const detail = await detailOf(store, run);
	if (detail?.record.status !== 'finished') return { result: null, anew: false };
	const { metrics, measurements } = detail;
	if (!hasCurve(job, measurements)) return { result: null, anew: true };
	const training = metrics.reduce((sum, { seconds }) => sum + seconds, 0);
	const kept = { metrics, measurements, seconds: { training, measuring: 0 } };
	return { result: rows && { ...result, rows, ...kept }, anew: false };
}

async function detailOf(store: Pick<StoreApi, 'run'>, run: string) {
	try {
		return await store.run(run);
	} catch (error) {
		if (error instanceof Error && error.name === 'NotFound') return null;
		throw error;
	}
}

/** Whether the run was measured as often as the job's curve needs. */
function hasCurve({ spec, probe, needsCurve }: StudyJob, curve: readonly Measurement[]): boolean {
	if (!needsCurve || spec === null || probe === null) return true;
	const last = totalSteps(spec);
	const measured = new Set(curve.map(({ step }) => step));
	return Array.from({ length: last + 1 }, (_, step) => step).every(
		(step) => !isProbed(probe, step, last) || measured.has(step),
	);
}
