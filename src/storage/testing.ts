/** For tests in Node: a fresh database, Web Locks where Node has none, and things to store. */
import 'fake-indexeddb/auto';
import type { MetricRow } from '../contract/evaluation.ts';
import type { ModelRecord, RunEnvironment } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StepEvent } from '../contract/training.ts';
import type { TensorToSave } from './checkpoints.ts';
import { openDatabase, type LabDatabase } from './database.ts';
import { stepsAfter } from './runs.ts';

interface HeldLock {
	readonly name: string;
	readonly mode: 'shared' | 'exclusive';
}

type Work = (lock: HeldLock | null) => unknown;

/** Web Locks of one thread. A request that would have to wait is refused: no test waits for a lock. */
function locksOfOneThread(): Pick<LockManager, 'query'> & {
	request: (...a: unknown[]) => unknown;
} {
	const held = new Set<HeldLock>();
	return {
		query: () => Promise.resolve({ held: [...held] }),
		async request(...given) {
			const name = given[0] as string;
			const options = given[1] as { mode?: 'shared'; ifAvailable?: boolean };
			const work = given[2] as Work;
			const mode = options.mode ?? 'exclusive';
			const busy = [...held].some(
				(other) => other.name === name && (mode === 'exclusive' || other.mode === 'exclusive'),
			);
			if (busy && !options.ifAvailable) throw new Error(`The test would wait for the lock ${name}`);
			if (busy) return await work(null);
			const lock: HeldLock = { name, mode };
			held.add(lock);
			try {
				return await work(lock);
			} finally {
				held.delete(lock);
			}
		},
	};
}

const navigator = (globalThis as { navigator?: object }).navigator ?? {};
Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
if (!('locks' in navigator))
	Object.defineProperty(navigator, 'locks', { value: locksOfOneThread() });
// What the browser says about storage.
Object.defineProperty(navigator, 'storage', {
	value: { estimate: () => Promise.resolve({ usage: 900_000, quota: 1_000_000_000 }) },
});

/** Stands in for `IDBObjectStore.put` on a full disk: the request fails later, and its transaction with it. */
export function diskFull(this: IDBObjectStore): IDBRequest<IDBValidKey> {
	const internals = this.transaction as unknown as {
		_execRequestAsync(job: {
			source: IDBObjectStore;
			operation: () => never;
		}): IDBRequest<IDBValidKey>;
	};
	return internals._execRequestAsync({
		source: this,
		operation() {
			throw new DOMException('full', 'QuotaExceededError');
		},
	});
}

let databases = 0;

/** An empty database of its own. */
export async function freshDatabase(): Promise<LabDatabase> {
	databases += 1;
	return await openDatabase(`test-${databases}`);
}

/** A complete spec. */
export function runSpec(change: Partial<RunSpec> = {}): RunSpec {
	return {
		model: 'model-1',
		untie: true,
		data: {
			dataset: 'dataset-1',
			rows: null,
			template: 'unsloth',
			loss: 'all',
			packing: 'stream',
			rowTokens: 512,
			sequenceLength: 128,
			order: 'sequential',
			heldOut: { rows: 60, sequences: 64 },
		},
		selection: { method: 'cogsym', k: 2 },
		optimizer: {
			learningRate: 1e-3,
			beta1: 0.9,
			beta2: 0.999,
			epsilon: 1e-8,
			weightDecay: 0.01,
			decay: 'all',
			clipNorm: 1,
		},
		schedule: { kind: 'linear', warmupSteps: 10 },
		batch: { size: 8, accumulation: 1 },
		steps: 100,
		seed: 1,
		recompute: 'auto',
		checkpointEvery: 10,
		...change,
	};
}

export const environment: RunEnvironment = {
	backend: 'wasm',
	adapter: '4 threads',
	software: false,
	userAgent: 'test',
	version: '0.1.0',
};

/** Metrics of the updates from `begin` to before `end`. */
export function stepEvents(begin: number, end: number): StepEvent[] {
	return Array.from({ length: end - begin }, (_, index) => ({
		step: begin + index,
		loss: 6 / (begin + index + 1),
		gradientNorm: 1.5,
		learningRate: 1e-3,
		tokens: 1024,
		seconds: 0.25,
	}));
}

export const metricRow: MetricRow = {
	task: 'loss',
	subject: 'javanese',
	metric: 'loss-per-token',
	weights: 'adapted',
	mean: 2.3,
	sd: null,
	runs: 1,
	count: 8192,
	shortened: 0,
};

/** Stands for the config of a model: storage does not look into it. */
export const aboutModel: Pick<ModelRecord, 'name' | 'config' | 'parameters'> = {
	name: 'tiny',
	parameters: 12,
	config: {
		family: 'llama',
		hiddenSize: 4,
		intermediateSize: 8,
		layers: 2,
		heads: 2,
		keyValueHeads: 1,
		headDim: 2,
		vocabularySize: 16,
		contextLength: 32,
		rmsNormEpsilon: 1e-5,
		ropeTheta: 10_000,
		ropeScaling: null,
		windows: [null, null],
		queryKeyValueBias: false,
		outputBias: false,
		queryKeyNorm: false,
		tiedEmbeddings: false,
		bosTokenId: 1,
		eosTokenIds: [2],
	},
};

/** Bytes that differ everywhere and with the seed. */
export function someBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	let state = Math.imul(seed, 2654435761) + 1;
	for (let index = 0; index < length; index += 1) {
		state = Math.imul(state, 1664525) + 1013904223;
		bytes[index] = state >>> 24;
	}
	return bytes;
}

/** Tensors as a training thread hands them over: a reused buffer, special values, a view into a larger one. */
export async function* someTensors(
	seed: number,
	failAfter = Infinity,
): AsyncGenerator<TensorToSave> {
	const buffer = new Float32Array(20);
	for (let index = 0; index < 3; index += 1) {
		if (index === failAfter) throw new Error('device lost');
		const data = buffer.subarray(3, 3 + 4 * (index + 1));
		data.set(tensorValues(seed, index));
		yield { name: `layer.${index}`, kind: 'weight', shape: [index + 1, 4], data };
		await Promise.resolve();
	}
}

/** What `someTensors` yields at `index`. */
export function tensorValues(seed: number, index: number): Float32Array {
	const values = Float32Array.from({ length: 4 * (index + 1) }, (_, i) => Math.sin(seed + i) / 3);
	values.set([-0, Infinity, 1e-45, -3.4e38]);
	values[0] = index === 2 ? -0 : seed;
	return values;
}

/** Metrics of updates past the newest checkpoint, as only a torn run would have them. */
export async function putMetrics(
	db: LabDatabase,
	id: string,
	events: readonly StepEvent[],
): Promise<void> {
	for (const event of events) await db.put('metrics', event, [id, event.step]);
	const run = await db.get('runs', id);
	if (run) await db.put('runs', { ...run, steps: stepsAfter(run.steps, events) });
}
