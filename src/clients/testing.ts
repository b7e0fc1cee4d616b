/** For tests: a training thread that is none. */
import { namedError } from '../contract/errors.ts';
import type { MetricRow } from '../contract/evaluation.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { TrainJob, TrainOutcome } from '../contract/training.ts';
import type { TrainerApi } from '../contract/workers.ts';
import type { Connection } from './connect.ts';

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
			return alive(Promise.resolve());
		},
		forecast: (spec: RunSpec) => alive(Promise.resolve({ flopsPerStep: layersOf(spec) })),
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
export function fakeLocks() {
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
