/**
 * One training step of a few layers of a large model, in its true sizes and with random weights in bfloat16: what a
 * device makes of it, to be compared with plain arrays, and the bytes it takes beside those forecast.
 */
import type { ModelConfig } from '../contract/model.ts';
import type { OptimizerKind } from '../contract/optimizers.mjs';
import type { Precision, WeightFormat } from '../contract/precision.ts';
import { adapterTargets, type LayerSet, type Lora, type RunSpec } from '../contract/spec.ts';
import type { TrainingForecast } from '../contract/training.ts';
import { attachAdapters } from './adapters/attach.ts';
import { adaptedLayers } from './adapters/lora.ts';
import { asStored } from './kernels/weightFormats/formats.ts';
import { loadDecoder, releaseDecoder } from './model/load.ts';
import { type Decoder, type NamedShape } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { adamW } from './optim/adamW.ts';
import { adamW8bit } from './optim/adamW8bit.ts';
import { layerOf, planTraining } from './plan/plan.ts';
import { formatOf } from './precision.ts';
import { createRandom, normal, randomBits } from './random.ts';
import { createTrainingState, releaseTrainingState, train } from './train.ts';

/** Llama-2-7B, two of its 32 layers. */
export const llama2Slice: ModelConfig = {
	family: 'llama',
	hiddenSize: 4096,
	intermediateSize: 11008,
	layers: 2,
	heads: 32,
	keyValueHeads: 32,
	headDim: 128,
	vocabularySize: 32000,
	contextLength: 4096,
	rmsNormEpsilon: 1e-5,
	ropeTheta: 10000,
	ropeScaling: null,
	windows: [null, null],
	queryKeyValueBias: false,
	outputBias: false,
	queryKeyNorm: false,
	tiedEmbeddings: false,
	bosTokenId: 1,
	eosTokenIds: [2],
};

export interface SliceCase {
	readonly name: string;
	readonly precision: Precision;
	/** Decoder layers that train, in full or, where `tune` is set, by adapters; embedding and head are frozen. */
	readonly layers: readonly number[];
	readonly tune?: Lora;
	readonly optimizer: OptimizerKind;
	/** Tokens of the one sequence. */
	readonly tokens: number;
}

const tune: Lora = { kind: 'lora', rank: 16, alpha: 16, dropout: 0, targets: [...adapterTargets] };

/** How a 7 B model is trained where memory is short: layers in full, or adapters. */
export const sliceCases: readonly SliceCase[] = [
	{
		name: 'bf16, layer 1 in full',
		precision: { frozen: 'bf16', trainable: 'bf16-stochastic' },
		layers: [1],
		optimizer: adamW.kind,
		tokens: 8,
	},
	{
		name: 'nf4, LoRA of rank 16',
		precision: { frozen: 'nf4', trainable: 'bf16-stochastic' },
		layers: [0, 1],
		tune,
		optimizer: adamW8bit.kind,
		tokens: 8,
	},
];

export interface SliceStep {
	readonly loss: number;
	readonly gradientNorm: number;
	/** How far the first elements of every trained tensor have moved. */
	readonly moved: ReadonlyMap<string, Float32Array>;
	readonly forecast: TrainingForecast['bytes'];
	/** Most bytes of tensors there were at a time, and those of the weights. */
	readonly measured: { readonly total: number; readonly weights: number };
	/** Of the step alone. */
	readonly seconds: number;
}

/** Elements of a tensor that are compared. */
const looked = 1 << 16;

/** Normal numbers of standard deviation 0.02, Llama's, rounded to bfloat16. */
function randomPool(): Float32Array {
	const random = createRandom(3);
	return asStored(
		Float32Array.from({ length: 1 << 18 }, () => 0.02 * normal(random)),
		'bf16',
	);
}
let pool: Float32Array | null = null;

/** The first values of a tensor: every row from another place of the pool, for two thirds of a billion take minutes to draw. */
function randomValues({ name, shape }: NamedShape, most = Infinity): Float32Array {
	const all = shape.reduce((a, b) => a * b, 1);
	const values = new Float32Array(Math.min(all, most));
	if (name.includes('norm')) return values.fill(1);
	pool ??= randomPool();
	const width = shape.at(-1) ?? 1;
	let seed = 1;
	for (const letter of name) seed = randomBits(seed, letter.charCodeAt(0));
	for (let start = 0; start < values.length; start += width) {
		const from = randomBits(seed, start) % (pool.length - width);
		values.set(pool.subarray(from, from + Math.min(width, values.length - start)), start);
	}
	return values;
}

const specOf = ({ precision, tune: lora, optimizer: kind, tokens }: SliceCase): RunSpec => ({
	model: 'slice',
	untie: false,
	data: {
		...{ dataset: 'random', rows: null, template: 'plain', loss: 'all', packing: 'stream' },
		...{ rowTokens: tokens, sequenceLength: tokens, order: 'sequential' },
		heldOut: { rows: 0, sequences: null },
	},
	selection: { method: 'full' },
	precision,
	...(lora && { tune: lora }),
	optimizer: {
		...{ kind, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
		...{ weightDecay: 0.01, decay: 'matrices', clipNorm: null },
	},
	schedule: { kind: 'constant', warmupSteps: 0 },
	batch: { size: 1, accumulation: 1 },
	...{ steps: 1, seed: 7, recompute: 'always', checkpointEvery: 1 },
});

function randomBlock(count: number, vocabulary: number) {
	const random = createRandom(5);
	const tokens = () => Int32Array.from({ length: count }, () => random.integer(vocabulary));
	return { count: 1, sequenceLength: count, inputIds: tokens(), targets: tokens() };
}

/** The decoder of a case on a device; `inFloats`: float32 with the values that the formats leave. */
async function openSlice(ops: Ops, config: ModelConfig, slice: SliceCase, inFloats: boolean) {
	const { precision, layers, tune: lora } = slice;
	const trains = (name: string) => lora === undefined && layers.includes(layerOf(name) ?? -1);
	const format = (tensor: NamedShape) => formatOf(tensor, trains(tensor.name), precision);
	const stored = (name: string, shape: readonly number[]) => {
		const values = randomValues({ name, shape });
		const kept = format({ name, shape });
		// In bfloat16 they are already.
		const blurred = inFloats && kept !== 'f32' && kept !== 'bf16';
		return Promise.resolve(blurred ? asStored(values, kept) : values);
	};
	const base = await loadDecoder(ops, config, stored, false, inFloats ? undefined : format);
	const shapes = [...base.parameters.values()].map(({ name, tensor: { shape } }) => ({
		name,
		shape,
	}));
	if (lora === undefined) return { base, decoder: base, shapes, release: () => undefined };
	const adapterFormat: WeightFormat = inFloats || precision.trainable === 'f32' ? 'f32' : 'bf16';
	const adapted = adaptedLayers(lora, layers, shapes);
	return { base, shapes, ...attachAdapters(ops, base, lora, adapted, randomValues, adapterFormat) };
}

async function movedBy(ops: Ops, decoder: Decoder, names: ReadonlySet<string>) {
	const moved = new Map<string, Float32Array>();
	for (const name of names) {
		const { tensor } = decoder.parameters.get(name)!;
		const before = randomValues({ name, shape: tensor.shape }, looked);
		const after = await ops.read(tensor, 0, before.length);
		moved.set(
			name,
			after.map((value, i) => value - before[i]!),
		);
	}
	return moved;
}

/** Makes the step; everything it put on the device is released. `inFloats`: see `openSlice`. */
export async function sliceStep(
	ops: Ops,
	config: ModelConfig,
	slice: SliceCase,
	inFloats: boolean,
): Promise<SliceStep> {
	const before = ops.memory().bytes;
	const opened = await openSlice(ops, config, slice, inFloats);
	const { base, decoder, shapes } = opened;
	const weights = ops.memory().bytes - before;
	const set: LayerSet = { layers: slice.layers, embedding: false, head: false, finalNorm: false };
	const spec = specOf(slice);
	const fuses = ops.fused !== undefined;
	const planned = planTraining(config, shapes, spec, set, 0, undefined, fuses);
	const { plan, trainable, forecast } = planned;
	const state = createTrainingState(ops, decoder, trainable, 0, spec.optimizer.kind);
	const block = randomBlock(slice.tokens, config.vocabularySize);
	await ops.settle();
	ops.resetPeak();
	const { value } = await train(ops, decoder, spec, block, plan, trainable, state).next();
	if (!value) throw new Error('the step was not made');
	const { loss, gradientNorm, seconds } = value;
	const total = ops.memory().peakBytes - before;
	const moved = await movedBy(ops, decoder, trainable);
	releaseTrainingState(ops, state);
	opened.release();
	releaseDecoder(ops, base);
	const measured = { total, weights };
	return { loss, gradientNorm, moved, forecast: forecast.bytes, measured, seconds };
}

/** Relative errors of a step: of the movement, the largest of all tensors, as lengths of vectors. */
export function sliceErrors(found: SliceStep, expected: SliceStep) {
	const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
	const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);
	const moved = [...expected.moved].map(([name, values]) => {
		const other = found.moved.get(name)!;
		return length(values.map((value, i) => value - other[i]!)) / length(values);
	});
	return {
		loss: relative(found.loss, expected.loss),
		gradientNorm: relative(found.gradientNorm, expected.gradientNorm),
		moved: Math.max(...moved),
	};
}
