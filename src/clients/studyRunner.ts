/** Trains and measures the points of a study on several training threads side by side. */
import type { EvaluationProgress } from '../contract/evaluation.ts';
import { runId, tasksId } from '../contract/runId.ts';
import { type RunSpec, totalSteps } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import type { DeviceReport, TrainerApi } from '../contract/trainerApi.ts';
import type { Connection } from './connect.ts';
import { alone } from './jobLock.ts';
import { leastPatience, patienceOf } from './endPatience.ts';
import { runPool, waiting } from './pool.ts';
import { type StudyQueue, studyQueue } from './studyQueue.ts';
import { emptyResult, type NamedJob, storedResult, type StudyResult } from './studyResult.ts';

export interface StudyRun {
	readonly jobs: readonly StudyJob[];
	/** Model of every job, in the store. */
	readonly model: { readonly id: string; readonly untie: boolean };
	readonly openTrainer: () => Connection<TrainerApi>;
	readonly store: Pick<StoreApi, 'run' | 'final' | 'saveFinal' | 'deleteRun'>;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
	/** Threads of the wasm backend, one core each; WebGPU has one thread whatever is said. */
	readonly workers: number;
	readonly onEvent: (event: StudyEvent) => void;
	/** Aborting ends the work after the running updates; the runs in progress keep a checkpoint. */
	readonly signal: AbortSignal;
}

export type StudyEvent =
	| { readonly kind: 'device'; readonly report: DeviceReport; readonly workers: number }
	/** What the model's files say differently, once. */
	| { readonly kind: 'notes'; readonly notes: readonly string[] }
	/** Floating point operations of every job that is not stored, in the order they begin; the queue may be changed. */
	| {
			readonly kind: 'planned';
			readonly work: ReadonlyMap<string, number>;
			readonly queue: StudyQueue;
	  }
	/** Told again where a job begins anew because its thread died, or somebody else did it meanwhile. */
	| { readonly kind: 'started'; readonly job: string }
	| { readonly kind: 'training'; readonly job: string; readonly events: readonly TrainingEvent[] }
	| { readonly kind: 'measuring'; readonly job: string; readonly progress: EvaluationProgress }
	| { readonly kind: 'ended'; readonly result: StudyResult };

interface Planned extends NamedJob {
	/** Floating point operations of its training. */
	readonly work: number;
	/** Milliseconds its thread may take to end it. */
	readonly patience: number;
}

/**
 * Runs the jobs, the longest first, and resolves with a result for each, in the order of `jobs`. A job that fails does
 * not end the others, unless there is no room to store what they would make: then they are stopped; what is in the store is taken from there, interrupted runs go on from their checkpoint, and a job
 * that another tab does is waited for. Rejects where the first thread cannot be made ready.
 */
export async function runStudy(study: StudyRun): Promise<readonly StudyResult[]> {
	const results = new Map<string, StudyResult>();
	const end = (result: StudyResult) => {
		results.set(result.job, result);
		study.onEvent({ kind: 'ended', result });
	};
	const fresh: NamedJob[] = [];
	for (const one of await namedJobs(study)) {
		const { result } = await storedResult(study.store, one);
		if (result) end(result);
		else fresh.push(one);
	}
	const full = new AbortController();
	const signal = AbortSignal.any([study.signal, full.signal]);
	const endOrStop = (result: StudyResult) => {
		end(result);
		if (result.error?.name === 'QuotaExceeded') full.abort();
	};
	try {
		if (fresh.length > 0) await runFresh({ ...study, signal }, fresh, endOrStop);
	} catch (error) {
		if (!signal.aborted) throw error;
	}
	for (const { job, run } of fresh)
		if (!results.has(job.id)) end({ ...emptyResult(job.id, 'cancelled', null), run });
	return study.jobs.flatMap(({ id }) => results.get(id) ?? []);
}

/** Tasks are long, and the same for many jobs: each list is fingerprinted once. */
async function namedJobs({ jobs, model }: StudyRun): Promise<NamedJob[]> {
	const known = new Map<StudyJob['final'], string>();
	const all: NamedJob[] = [];
	for (const job of jobs) {
		const tasks = known.get(job.final) ?? (await tasksId(job.final));
		known.set(job.final, tasks);
		all.push({ job, run: job.spec && (await runId(job.spec)), tasks, model: model.id });
	}
	return all;
}

async function runFresh(
	study: StudyRun,
	fresh: readonly NamedJob[],
	end: (result: StudyResult) => void,
): Promise<void> {
	const { connection: first, report, notes } = await openReady(study);
	if (notes.length > 0) study.onEvent({ kind: 'notes', notes });
	const workers = report.backend === 'webgpu' ? 1 : study.workers;
	study.onEvent({ kind: 'device', report, workers });
	let spare: Connection<TrainerApi> | null = first;
	try {
		const planned: Planned[] = [];
		for (const one of fresh) planned.push({ ...one, ...(await costOf(first.api, one.job.spec)) });
		planned.sort((a, b) => b.work - a.work);
		const queue = planned.map(waiting);
		const halts = new Map<string, () => void>();
		const dropped = ({ job, run }: NamedJob) => {
			end({ ...emptyResult(job.id, 'cancelled', null), run });
		};
		const work = new Map(planned.map((one) => [one.job.id, one.work]));
		study.onEvent({ kind: 'planned', work, queue: studyQueue({ queue, halts, dropped }) });
		await runPool({
			queue,
			threads: workers,
			open: async () => {
				const connection = spare ?? (await openReady(study)).connection;
				spare = null;
				return connection;
			},
			run: async (api, one, wait) => {
				const result = await runAlone(study, api, one, wait, halts);
				if (result !== 'elsewhere') end(result);
				return result === 'elsewhere' ? result : 'done';
			},
			failed: (one, error) => {
				const { job, run } = one;
				if (study.signal.aborted || error.name === 'Cancelled') dropped(one);
				else end({ ...emptyResult(job.id, 'failed', error), run });
			},
			signal: study.signal,
			halt,
			patience: Math.max(...planned.map(({ patience }) => patience)),
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
		const source = { kind: 'stored', id: model.id } as const;
		const { notes } = await connection.api.load(source, model.untie, () => undefined);
		return { connection, report, notes };
	} catch (error) {
		connection.close();
		throw error;
	} finally {
		signal.removeEventListener('abort', close);
	}
}

async function costOf(
	api: TrainerApi,
	spec: RunSpec | null,
): Promise<Pick<Planned, 'work' | 'patience'>> {
	if (spec === null) return { work: 0, patience: leastPatience };
	const forecast = await api.forecast(spec);
	return { work: forecast.flopsPerStep * totalSteps(spec), patience: patienceOf(forecast) };
}

/** The job where no other tab does it; by the time it is its turn it may be done. */
function runAlone(
	study: StudyRun,
	api: TrainerApi,
	one: NamedJob,
	wait: boolean,
	halts: Map<string, () => void>,
): Promise<StudyResult | 'elsewhere'> {
	const { job, run, model, tasks } = one;
	let halted = false;
	halts.set(job.id, () => {
		halted = true;
		halt(api);
	});
	const ending = () => study.signal.aborted || halted;
	return alone(run ?? `${model} ${tasks}`, wait, study.signal, async () => {
		const { result, anew } = await storedResult(study.store, one);
		if (result) return result;
		if (anew && run !== null) await study.store.deleteRun(run);
		return runJob(study, api, one, ending);
	}).finally(() => halts.delete(job.id));
}

async function runJob(
	{ onEvent, store }: StudyRun,
	api: TrainerApi,
	{ job, run, tasks, model }: NamedJob,
	ending: () => boolean,
): Promise<StudyResult> {
	const { id, spec, train, probe } = job;
	const cancelled = { ...emptyResult(id, 'cancelled', null), run };
	// An order to stop counts for what a thread has begun, and for nothing after it.
	if (ending()) return cancelled;
	onEvent({ kind: 'started', job: id });
	const began = performance.now();
	if (spec !== null && run !== null && train !== null) {
		const outcome = await api.train({ runId: run, spec, train, sample: null, probe }, (events) => {
			onEvent({ kind: 'training', job: id, events });
		});
		if (outcome.status === 'stopped') return cancelled;
	}
	if (ending()) return cancelled;
	const trained = performance.now();
	const weights = spec === null ? 'base' : 'current';
	const rows = await api.evaluate({ weights, tasks: job.final }, (progress) => {
		onEvent({ kind: 'measuring', job: id, progress });
	});
	await store.saveFinal(run ?? model, tasks, rows);
	const measured = performance.now();
	const seconds = { training: (trained - began) / 1000, measuring: (measured - trained) / 1000 };
	return { ...emptyResult(id, 'finished', null), run, rows, seconds };
}

/** Orders a thread to end training or measuring; one that is gone has ended anyway. */
function halt(api: TrainerApi): void {
	for (const told of [api.stop(), api.cancel()]) told.catch(() => undefined);
}
