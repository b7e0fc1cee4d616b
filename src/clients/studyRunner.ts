/** Trains and measures the points of a study on several training threads side by side. */
import type { EvaluationProgress } from '../contract/evaluation.ts';
import { runId } from '../contract/runId.ts';
import { type RunSpec, totalSteps } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import type { DeviceReport, StoreApi, TrainerApi } from '../contract/workers.ts';
import type { Connection } from './connect.ts';
import { runPool } from './pool.ts';
import { emptyResult, storedResult, type StudyResult } from './studyResult.ts';

export interface StudyRun {
	readonly jobs: readonly StudyJob[];
	/** Model of every job, in the store. */
	readonly model: { readonly id: string; readonly untie: boolean };
	readonly openTrainer: () => Connection<TrainerApi>;
	readonly store: Pick<StoreApi, 'run' | 'saveResults'>;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
	/** Threads of the wasm backend, one core each; WebGPU has one thread whatever is said. */
	readonly workers: number;
	readonly onEvent: (event: StudyEvent) => void;
	/** Aborting ends the work within seconds; the runs in progress keep a checkpoint. */
	readonly signal: AbortSignal;
}

export type StudyEvent =
	| { readonly kind: 'device'; readonly report: DeviceReport; readonly workers: number }
	/** Told again where a job begins anew because its thread died. */
	| { readonly kind: 'started'; readonly job: string }
	| { readonly kind: 'training'; readonly job: string; readonly events: readonly TrainingEvent[] }
	| { readonly kind: 'measuring'; readonly job: string; readonly progress: EvaluationProgress }
	| { readonly kind: 'ended'; readonly result: StudyResult };

interface Planned {
	readonly job: StudyJob;
	readonly run: string | null;
	/** Floating point operations of its training. */
	readonly work: number;
}

/**
 * Runs the jobs, the longest first, and resolves with a result for each, in the order of `jobs`. A job that fails does
 * not end the others; finished runs whose final tasks are in the store are taken from there.
 * Rejects where the first thread cannot be made ready.
 */
export async function runStudy(study: StudyRun): Promise<readonly StudyResult[]> {
	const results = new Map<string, StudyResult>();
	const end = (result: StudyResult) => {
		results.set(result.job, result);
		study.onEvent({ kind: 'ended', result });
	};
	const fresh: Omit<Planned, 'work'>[] = [];
	for (const job of study.jobs) {
		const run = job.spec && (await runId(job.spec));
		const known = run === null ? null : await storedResult(study.store, job, run);
		if (known) end(known);
		else fresh.push({ job, run });
	}
	try {
		if (fresh.length > 0) await runFresh(study, fresh, end);
	} catch (error) {
		if (!study.signal.aborted) throw error;
	}
	for (const { job, run } of fresh)
		if (!results.has(job.id)) end({ ...emptyResult(job.id, 'cancelled', null), run });
	return study.jobs.flatMap(({ id }) => results.get(id) ?? []);
}

async function runFresh(
	study: StudyRun,
	fresh: readonly Omit<Planned, 'work'>[],
	end: (result: StudyResult) => void,
): Promise<void> {
	const { connection: first, report } = await openReady(study);
	const workers = report.backend === 'webgpu' ? 1 : study.workers;
	study.onEvent({ kind: 'device', report, workers });
	let spare: Connection<TrainerApi> | null = first;
	try {
		const planned: Planned[] = [];
		for (const one of fresh) planned.push({ ...one, work: await workOf(first.api, one.job.spec) });
		await runPool({
			jobs: planned.sort((a, b) => b.work - a.work),
			threads: workers,
			open: async () => {
				const connection = spare ?? (await openReady(study)).connection;
				spare = null;
				return connection;
			},
			run: async (api, one) => {
				end(await runJob(study, api, one));
			},
			failed: ({ job, run }, error) => {
				const status = study.signal.aborted ? 'cancelled' : 'failed';
				end({ ...emptyResult(job.id, status, error), run });
			},
			signal: study.signal,
			halt,
		});
	} finally {
		first.close();
	}
}

/** A thread with its device started and the model loaded. */
async function openReady({ openTrainer, backend, model, signal }: StudyRun) {
	const connection = openTrainer();
	// There is nothing to end gently yet.
	const close = () => {
		connection.close();
	};
	signal.addEventListener('abort', close, { once: true });
	try {
		signal.throwIfAborted();
		const report = await connection.api.start(backend, 1);
		await connection.api.load({ kind: 'stored', id: model.id }, model.untie, () => undefined);
		return { connection, report };
	} catch (error) {
		connection.close();
		throw error;
	} finally {
		signal.removeEventListener('abort', close);
	}
}

async function workOf(api: TrainerApi, spec: RunSpec | null): Promise<number> {
	if (spec === null) return 0;
	const { flopsPerStep } = await api.forecast(spec);
	return flopsPerStep * totalSteps(spec);
}

async function runJob(
	{ onEvent, store, signal }: StudyRun,
	api: TrainerApi,
	{ job, run }: Planned,
): Promise<StudyResult> {
	const { id, spec, train, probe } = job;
	onEvent({ kind: 'started', job: id });
	const began = performance.now();
	if (spec !== null && run !== null && train !== null) {
		const outcome = await api.train({ runId: run, spec, train, sample: null, probe }, (events) => {
			onEvent({ kind: 'training', job: id, events });
			// A thread takes no order to stop while it prepares the first update.
			if (signal.aborted) halt(api);
		});
		if (outcome.status === 'stopped') return { ...emptyResult(id, 'cancelled', null), run };
	}
	const trained = performance.now();
	const weights = spec === null ? 'base' : 'current';
	const rows = await api.evaluate({ weights, tasks: job.final }, (progress) => {
		onEvent({ kind: 'measuring', job: id, progress });
		if (signal.aborted) halt(api);
	});
	if (run !== null) await store.saveResults(run, rows);
	const measured = performance.now();
	const seconds = { training: (trained - began) / 1000, measuring: (measured - trained) / 1000 };
	return { ...emptyResult(id, 'finished', null), run, rows, seconds };
}

/** Orders a thread to end training or measuring; one that is gone has ended anyway. */
function halt(api: TrainerApi): void {
	for (const told of [api.stop(), api.cancel()]) told.catch(() => undefined);
}
