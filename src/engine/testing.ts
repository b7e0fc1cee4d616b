/** A small decoder with reproducible random weights, for the engine's own tests. */
import type { ModelConfig } from '../contract/model.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { TokenBlock } from '../contract/training.ts';
import { loadDecoder } from './model/load.ts';
import { type Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
import { createRandom, normal } from './random.ts';
import type { TrainingSpec } from './train.ts';

export const tinyConfig: ModelConfig = {
	family: 'llama',
	hiddenSize: 16,
	intermediateSize: 24,
	layers: 4,
	heads: 4,
	keyValueHeads: 2,
	headDim: 4,
	vocabularySize: 40,
	contextLength: 32,
	rmsNormEpsilon: 1e-5,
	ropeTheta: 10000,
	ropeScaling: null,
	windows: [null, 5, null, null],
	queryKeyValueBias: true,
	outputBias: false,
	queryKeyNorm: true,
	tiedEmbeddings: false,
	bosTokenId: 1,
	eosTokenIds: [2],
};

/** Norms near 1, everything else normal with standard deviation 0.25. */
export const tinyDecoder = (ops: Ops, config = tinyConfig, untie = false): Promise<Decoder> =>
	loadDecoder(ops, config, tinyValues(), untie);

/** The values of `tinyDecoder`, to be asked for in the order of a decoder. */
export function tinyValues(): Parameters<typeof loadDecoder>[2] {
	const random = createRandom(11);
	return (name, shape) => {
		const size = shape.reduce((a, b) => a * b, 1);
		const centre = name.includes('norm') ? 1 : 0;
		return Promise.resolve(
			Float32Array.from({ length: size }, () => centre + 0.25 * normal(random)),
		);
	};
}

/** Random tokens; every fifth target is left out. */
export function tinyBlock(count: number, sequenceLength = 12): TokenBlock {
	const random = createRandom(5);
	const size = count * sequenceLength;
	const inputIds = Int32Array.from({ length: size }, () => random.integer(40));
	const targets = Int32Array.from({ length: size }, (_, i) =>
		i % 5 === 4 ? -100 : random.integer(40),
	);
	return { count, sequenceLength, inputIds, targets };
}

export const tinySpec: TrainingSpec = {
	optimizer: {
		learningRate: 1e-2,
		beta1: 0.9,
		beta2: 0.999,
		epsilon: 1e-8,
		weightDecay: 0.01,
		decay: 'all',
		clipNorm: 1,
	},
	schedule: { kind: 'linear', warmupSteps: 2 },
	batch: { size: 4, accumulation: 1 },
	steps: 6,
	seed: 3,
	data: { order: 'shuffled' },
};

/** A whole specification, in full tuning, of sequences of `length` tokens. */
export const runSpec = (recompute: RunSpec['recompute'], length: number): RunSpec => {
	const { optimizer, schedule, seed } = tinySpec;
	return {
		optimizer,
		schedule,
		seed,
		// From the second micro-batch on all gradients are there while the activations are.
		batch: { size: 4, accumulation: 2 },
		model: 'm',
		untie: true,
		data: {
			dataset: 'd',
			rows: null,
			template: 'unsloth',
			loss: 'all',
			packing: 'stream',
			rowTokens: 64,
			sequenceLength: length,
			order: 'sequential',
			heldOut: { rows: 0, sequences: null },
		},
		selection: { method: 'full' },
		steps: 2,
		recompute,
		checkpointEvery: 10,
	};
};

/** Counts the calls of every operation. */
export function countingOps(ops: Ops): { ops: Ops; calls: Map<string, number> } {
	const calls = new Map<string, number>();
	const proxy = new Proxy(ops, {
		get(target, key: keyof Ops) {
			const member: unknown = Reflect.get(target, key);
			if (typeof member !== 'function') return member;
			return (...args: unknown[]) => {
				calls.set(key, (calls.get(key) ?? 0) + 1);
				return Reflect.apply(member, target, args) as unknown;
			};
		},
	});
	return { ops: proxy, calls };
}

/** Operations that give a gradient of a parameter; with `into` they add to one they gave before. */
const gradientKeys: ReadonlySet<string> = new Set<keyof Ops>([
	'linearBackwardWeight',
	'rmsNormBackwardWeight',
	'sumRows',
]);

/** Measures the most bytes of gradients there are at a time; an embedding's are zeros that rows are added to. */
export function gradientBytes(ops: Ops): { ops: Ops; peak: () => number } {
	const zeros = new Set<Tensor>();
	const held = new Set<Tensor>();
	let peak = 0;
	const hold = (tensor: Tensor) => {
		held.add(tensor);
		peak = Math.max(
			peak,
			[...held].reduce((sum, { size }) => sum + 4 * size, 0),
		);
	};
	const watch = (key: string, args: readonly unknown[], result: unknown) => {
		if (gradientKeys.has(key)) hold(result as Tensor);
		else if (key === 'zeros') zeros.add(result as Tensor);
		else if (key === 'scatterAddRows' && zeros.has(args[0] as Tensor)) hold(args[0] as Tensor);
		else if (key === 'release') for (const tensor of args) held.delete(tensor as Tensor);
	};
	const proxy = new Proxy(ops, {
		get(target, key: keyof Ops) {
			const member: unknown = Reflect.get(target, key);
			if (typeof member !== 'function') return member;
			return (...args: unknown[]) => {
				const result: unknown = Reflect.apply(member, target, args);
				watch(key, args, result);
				return result;
			};
		},
	});
	return { ops: proxy, peak: () => peak };
}

/** Adds up the tokens that are run: rows taken from the embedding. */
export function tokenCountingOps(ops: Ops, decoder: Decoder): { ops: Ops; tokens: () => number } {
	let tokens = 0;
	const gatherRows: Ops['gatherRows'] = (table, indices) => {
		if (table === decoder.embedding.tensor) tokens += indices.size;
		return ops.gatherRows(table, indices);
	};
	const proxy = new Proxy(ops, {
		get: (target, key) =>
			key === 'gatherRows' ? gatherRows : (Reflect.get(target, key) as unknown),
	});
	return { ops: proxy, tokens: () => tokens };
}
