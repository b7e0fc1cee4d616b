/** For tests: a study on training threads that are none, and on a store in memory. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { MetricRow } from '../contract/evaluation.ts';
import type { RunDetail } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { TrainJob, TrainOutcome } from '../contract/training.ts';
import type { StudyJob } from '../contract/study.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import type { Connection } from './connect.ts';
import type { StudyResult } from './studyResult.ts';
import { runStudy, type StudyEvent, type StudyRun } from './studyRunner.ts';

/** What a fake thread does when told to train; with `dies` it ends, and answers no more. */
export type Training = (
	job: TrainJob,
	dies: () => Promise<never>,
	stopped: Promise<void>,
) => Promise<TrainOutcome>;

export const finished = (
	job: TrainJob,
	status: TrainOutcome['status'] = 'finished',
): TrainOutcome => ({
	runId: job.runId,
	status,
	steps: 10,
	receipt: { tensors: [], frozenUnchanged: true },
});

/** Of front-k runs k, which is also their work. */
export const layersOf = (spec: RunSpec): number =>
	spec.selection.method === 'front' ? spec.selection.k : 0;

/** What the fake threads of a test were told and did. */
export interface Heard {
	readonly calls: string[];
	opened: number;
	closed: number;
}

/** A thread that pretends to train and measure; `row` is what it measures. */
export function fakeTrainer(
	training: Training,
	backend: 'wasm' | 'webgpu',
	row: MetricRow,
	heard: Heard,
): Connection<TrainerApi> {
	heard.opened++;
	const { calls } = heard;
	let reject: (error: Error) => void = () => undefined;
	const gone = new Promise<never>((_resolve, refuse) => (reject = refuse));
	gone.catch(() => undefined);
	let stop: () => void = () => undefined;
	const stopped = new Promise<void>((resolve) => (stop = resolve));
	const alive = <T>(work: Promise<T>) => Promise.race([work, gone]);
	let open = true;
	const api = {
		start: (wanted: string, threads: number) => {
			calls.push(`start ${wanted} ${threads}`);
			return alive(Promise.resolve({ backend, adapter: 'fake', software: false, reason: '' }));
		},
		load: () => {
			calls.push('load');
			return alive(Promise.resolve({ notes: ['the head is not in the file'] }));
		},
		forecast: (spec: RunSpec) =>
			alive(
				Promise.resolve({
					...{ flopsPerStep: layersOf(spec), trainableParameters: 0, bytes: { optimizer: 0 } },
				}),
			),
		train: (job: TrainJob) => {
			calls.push(`train ${layersOf(job.spec)}`);
			const dies = () => {
				reject(namedError('DeviceLost', 'the thread stopped'));
				return new Promise<never>(() => undefined);
			};
			return alive(training(job, dies, stopped));
		},
		evaluate: ({ weights }: { weights: string }) => {
			calls.push(`evaluate ${weights}`);
			return alive(Promise.resolve([row]));
		},
		stop: () => {
			stop();
			return Promise.resolve();
		},
		cancel: () => Promise.resolve(),
	} as unknown as TrainerApi;
	return {
		api,
		lost: new Promise(() => undefined),
		close: () => {
			reject(namedError('Cancelled', 'The training thread was closed.'));
			if (open) heard.closed++;
			open = false;
		},
	};
}

/** Web Locks of one name each, exclusive, in the order they are asked for: Node has none. */
function fakeLocks() {
	const last = new Map<string, Promise<unknown>>();
	return {
		async request<T>(name: string, ...given: unknown[]): Promise<T> {
			const work = given.at(-1) as (lock: object | null) => Promise<T>;
			const { ifAvailable = false } = (given.length > 1 ? given[0] : {}) as LockOptions;
			const before = last.get(name);
			if (before && ifAvailable) return work(null);
			const held = (before ?? Promise.resolve()).then(() => work({}));
			const settled = held.catch(() => undefined);
			last.set(name, settled);
			try {
				return await held;
			} finally {
				if (last.get(name) === settled) last.delete(name);
			}
		},
	};
}

const block = {
	count: 1,
	sequenceLength: 2,
	inputIds: Int32Array.of(1, 2),
	targets: Int32Array.of(2, -100),
};
export const task = {
	kind: 'generation',
	name: 'words',
	subject: 'A to B',
	items: [{ prompt: 'A: x\nB: ', answer: 'y' }],
} as const;
export const row: MetricRow = {
	task: 'words',
	subject: 'A to B',
	metric: 'exact-match',
	weights: 'adapted',
	mean: 0.5,
	sd: null,
	runs: 1,
	count: 1,
	shortened: 0,
};

/** `k` front layers: the more, the longer. */
export function jobOf(id: string, k: number | null): StudyJob {
	const spec = { model: 'm', steps: 10, selection: { method: 'front', k }, seed: 1 };
	return {
		id,
		spec: k === null ? null : (spec as unknown as RunSpec),
		train: k === null ? null : block,
		probe: null,
		needsCurve: false,
		final: [task],
	};
}

/** A store in memory: what it keeps of runs, and of what was measured (by owner and tasks). */
function fakeStore(heard: Heard) {
	const results = new Map<string, Partial<RunDetail>>();
	const finals = new Map<string, readonly MetricRow[]>();
	const api: Pick<StoreApi, 'run' | 'final' | 'saveFinal' | 'deleteRun'> = {
		run: (id) => {
			const found = results.get(id);
			return found
				? Promise.resolve(found as RunDetail)
				: Promise.reject(namedError('NotFound', `no run ${id}`));
		},
		final: (owner, tasks) => Promise.resolve(finals.get(`${owner} ${tasks}`) ?? null),
		saveFinal: (owner, tasks, rows) => {
			heard.calls.push(`save ${rows.length}`);
			const record = { id: owner, status: 'finished' } as RunDetail['record'];
			if (owner !== 'm') results.set(owner, { record, metrics: [], measurements: [] });
			finals.set(`${owner} ${tasks}`, rows);
			return Promise.resolve();
		},
		deleteRun: (id) => {
			heard.calls.push('delete');
			results.delete(id);
			return Promise.resolve();
		},
	};
	return { api, results, finals };
}

/** Of one test: what its study was told, did and kept. */
interface FakeStudy {
	readonly heard: Heard;
	readonly kept: ReturnType<typeof fakeStore>;
	readonly events: StudyEvent[];
	readonly abort: AbortController;
}

const fresh = (): FakeStudy => {
	const heard = { calls: [], opened: 0, closed: 0 };
	return { heard, kept: fakeStore(heard), events: [], abort: new AbortController() };
};

/** Call once in a test file: every test gets a fresh one, and every thread it opens must be closed in the end. */
export function fakeStudies() {
	let now = fresh();
	beforeEach(() => {
		now = fresh();
		vi.stubGlobal('navigator', { locks: fakeLocks() });
	});
	afterEach(() => {
		vi.unstubAllGlobals();
		expect(now.heard.closed).toBe(now.heard.opened);
	});
	const study = (
		jobs: readonly StudyJob[],
		training: Training = (job) => Promise.resolve(finished(job)),
		{
			backend = 'wasm',
			...change
		}: Partial<Omit<StudyRun, 'backend'>> & { backend?: 'wasm' | 'webgpu' } = {},
	): Promise<readonly StudyResult[]> => {
		const { heard, kept, events, abort } = now;
		return runStudy({
			...{ jobs, model: { id: 'm', untie: false }, store: kept.api, backend: 'auto', workers: 1 },
			openTrainer: () => fakeTrainer(training, backend, row, heard),
			onEvent: (event) => events.push(event),
			signal: abort.signal,
			...change,
		});
	};
	return { now: () => now, study };
}

/** One line for each job. */
export const statuses = (all: readonly StudyResult[]) =>
	all.map(({ job, status }) => `${job} ${status}`);
