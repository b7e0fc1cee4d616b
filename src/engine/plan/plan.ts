/** From a layer set to a plan: which tensors train, where backward stops, what is kept, what it costs. */
import type { ModelConfig } from '../../contract/model.ts';
import { precisionOf } from '../../contract/precision.ts';
import type { LayerSet, RunSpec } from '../../contract/spec.ts';
import type { TrainingForecast } from '../../contract/training.ts';
import { adaptedLayers, refuseWideRank } from '../adapters/lora.ts';
import { type BackwardPlan } from '../model/decoder.ts';
import { fusedHeadRows, headRows } from '../model/head.ts';
import { isBuffer } from '../model/recipe.ts';
import { embeddingName, finalNormName, headName, type NamedShape } from '../model/weights.ts';
import { blockFloats, workspaceFloats } from './floats.ts';
import { formatOf, weightBytes } from '../precision.ts';
import { optimizerOf } from '../optim/registry.ts';
import { momentBytes } from '../optim/states.ts';
import { updatesInBackward } from '../optim/update.ts';

const FLOAT_BYTES = 4;
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
/** Decoder layer of a parameter; null for embedding, final norm and head. */
export const layerOf = (name: string): number | null => {
	const match = /^model\.layers\.(\d+)\./.exec(name);
	return match === null ? null : Number(match[1]);
};

/** Names of the parameters that train. In a tied model head and embedding are one matrix: either selects it. */
export function trainableNames(set: LayerSet, parameters: readonly NamedShape[]): Set<string> {
	const names = new Set<string>();
	const tied = !parameters.some(({ name }) => name === headName);
	for (const { name } of parameters) {
		if (isBuffer(name)) continue;
		const layer = layerOf(name);
		const chosen =
			layer !== null
				? set.layers.includes(layer)
				: (name === embeddingName && (set.embedding || (tied && set.head))) ||
					(name === headName && set.head) ||
					(name === finalNormName && set.finalNorm);
		if (chosen) names.add(name);
	}
	return names;
}

/** What a spec trains, and every tensor it has on the device: LoRA adds adapters and leaves the layers frozen. */
function tuned(
	{ tune }: Pick<RunSpec, 'tune'>,
	set: LayerSet,
	parameters: readonly NamedShape[],
): { trainable: Set<string>; tensors: readonly NamedShape[] } {
	if (tune === undefined)
		return { trainable: trainableNames(set, parameters), tensors: parameters };
	const adapted = adaptedLayers(tune, set.layers, parameters);
	refuseWideRank(adapted);
	const adapters = adapted.flatMap(({ a, b }) => [a, b]);
	const trainable = trainableNames({ ...set, layers: [] }, parameters);
	for (const { name } of adapters) trainable.add(name);
	return { trainable, tensors: [...parameters, ...adapters] };
}

/** Names of the parameters, adapters included, that train where a spec selects `set`. */
export const trainableOf = (
	spec: Pick<RunSpec, 'tune'>,
	set: LayerSet,
	parameters: readonly NamedShape[],
): Set<string> => tuned(spec, set, parameters).trainable;

/** Where backward has to go for a set of trainable names. */
export function backwardPlan(
	trainable: ReadonlySet<string>,
	layers: number,
	tied: boolean,
	recompute: boolean,
	set: LayerSet,
): BackwardPlan {
	let firstBlock = layers;
	for (const name of trainable) firstBlock = Math.min(firstBlock, layerOf(name) ?? layers);
	// A tied matrix that trains as a head only still receives the embedding's part of the gradient.
	const trainsEmbedding = trainable.has(embeddingName) && (set.embedding || tied);
	return { firstBlock, trainsEmbedding, recompute };
}

/** Of the parameters that train, those whose gradient is never in memory, and rows of the head's pieces. */
function fusedUpdates(
	config: ModelConfig,
	spec: Pick<RunSpec, 'optimizer' | 'batch' | 'data'>,
	trainable: ReadonlySet<string>,
	tensors: readonly NamedShape[],
	fuses: boolean,
): { names: ReadonlySet<string>; headPieces: number } {
	const rows = spec.batch.size * spec.data.sequenceLength;
	const fused = tensors.filter(
		(tensor) =>
			fuses &&
			updatesInBackward(spec) &&
			trainable.has(tensor.name) &&
			tensor.name !== embeddingName &&
			optimizerOf(spec.optimizer.kind).fused?.takes(tensor),
	);
	const names = new Set(fused.map(({ name }) => name));
	if (!names.has(headName)) return { names, headPieces: headRows(config.vocabularySize, rows) };
	const headPieces = fusedHeadRows(config, rows);
	if (headPieces < rows) names.delete(headName);
	return { names, headPieces };
}

/** Floats of the gradients there are while the head, a block and the embedding go backward. */
interface HeldGradients {
	readonly head: number;
	readonly block: (layer: number) => number;
	readonly embedding: number;
}

function heldGradients(
	spec: Pick<RunSpec, 'optimizer' | 'batch'>,
	trainable: ReadonlySet<string>,
	tensors: readonly NamedShape[],
	fused: ReadonlySet<string>,
): HeldGradients {
	const tied = !tensors.some(({ name }) => name === headName);
	const sizes = tensors
		.filter(({ name }) => trainable.has(name) && !fused.has(name))
		.map(({ name, shape }) => ({ name, layer: layerOf(name), size: product(shape) }));
	const chosen = (which: (tensor: (typeof sizes)[number]) => boolean) =>
		sizes.filter(which).map(({ size }) => size);
	const sum = (which: Parameters<typeof chosen>[0]) => chosen(which).reduce((a, b) => a + b, 0);
	const largest = (which: Parameters<typeof chosen>[0]) => Math.max(0, ...chosen(which));
	// A tied matrix has its gradient from the head on to the end.
	const fromHead = ({ name, layer }: (typeof sizes)[number]) =>
		layer === null && (tied || name !== embeddingName);
	const all = sum(() => true);
	// From the second micro-batch on all are there from the beginning.
	if (spec.batch.accumulation > 1) return { head: all, block: () => all, embedding: all };
	if (!updatesInBackward(spec))
		return {
			head: sum(fromHead),
			block: (lowest) => sum((one) => fromHead(one) || (one.layer ?? -1) >= lowest),
			embedding: all,
		};
	const embedding = largest(({ name }) => name === embeddingName);
	const held = tied ? embedding : 0;
	const block = held + largest(({ layer }) => layer !== null);
	return { head: largest(fromHead), block: () => block, embedding };
}

/** Bytes that come and go within an update. */
type Moment = Record<'gradients' | 'activations' | 'workspace', number>;
const momentTotal = ({ gradients, activations, workspace }: Moment) =>
	gradients + activations + workspace;

/** When most is held: at the head, in a block, or at the embedding. */
function largestMoment(
	config: ModelConfig,
	spec: Pick<RunSpec, 'batch' | 'data' | 'tune'>,
	{ trainsEmbedding, firstBlock, recompute }: BackwardPlan,
	gradients: HeldGradients,
	headPieces: number,
	updating: { readonly inBackward: number; readonly after: number },
): Moment {
	const rows = spec.batch.size * spec.data.sequenceLength;
	const first = trainsEmbedding ? 0 : firstBlock;
	const above = Math.max(0, config.layers - first);
	const working = workspaceFloats(config, rows, headPieces, spec.tune);
	const block = blockFloats(config, rows);
	const inputs = rows * config.hiddenSize;
	// Recomputed, a block's activations exist only while it goes backward; kept, until it has.
	const kept = recompute ? inputs : block;
	const atHead = Math.max(working.head, above === 0 ? block : 0);
	const moments: Moment[] = [
		{ gradients: gradients.head, activations: above * kept, workspace: atHead },
		...Array.from({ length: above }, (_, i) => ({
			gradients: gradients.block(first + i),
			activations: (i + 1) * kept,
			workspace: working.block + (recompute ? block : 0) + updating.inBackward,
		})),
		// The embedding comes last: of all activations only the gradient of its rows is left.
		{ gradients: gradients.embedding, activations: 0, workspace: inputs },
		{ gradients: gradients.embedding, activations: 0, workspace: updating.after },
	];
	const most = moments.reduce((a, b) => (momentTotal(b) > momentTotal(a) ? b : a));
	return {
		gradients: FLOAT_BYTES * most.gradients,
		activations: FLOAT_BYTES * most.activations,
		workspace: FLOAT_BYTES * most.workspace,
	};
}

/** Floats that the optimizer works in at a time, while blocks go backward and after all have. */
function updateFloats(
	spec: Pick<RunSpec, 'optimizer' | 'batch'>,
	moving: readonly NamedShape[],
): { inBackward: number; after: number } {
	const { workspaceFloats = () => 0 } = optimizerOf(spec.optimizer.kind);
	const most = moving.reduce((floats, one) => Math.max(floats, workspaceFloats(one)), 0);
	return updatesInBackward(spec) ? { inBackward: most, after: 0 } : { inBackward: 0, after: most };
}

/** Multiply-adds count 2: forward of everything, dX down to where backward stops, dW of what trains. */
function flops(
	config: ModelConfig,
	parameters: readonly NamedShape[],
	trainable: ReadonlySet<string>,
	plan: BackwardPlan,
	tokens: number,
	length: number,
): number {
	const first = plan.trainsEmbedding ? 0 : plan.firstBlock;
	const tied = !parameters.some(({ name }) => name === headName);
	let total = 0;
	for (const { name, shape } of parameters) {
		if (shape.length < 2 || (name === embeddingName && !tied)) continue;
		const forward = 2 * tokens * product(shape);
		const layer = layerOf(name) ?? config.layers;
		const again = plan.recompute && layer < config.layers;
		// Backward makes A x again.
		const backward = 1 + (again ? 1 : 0) + (name.endsWith('.lora_A.weight') ? 1 : 0);
		total += forward * (1 + (layer >= first ? backward : 0));
		if (trainable.has(name)) total += forward;
	}
	// Scores and values, half of the square because of the causal mask; backward has five products of that size.
	const attention = 2 * tokens * length * config.heads * config.headDim;
	return total + attention * (config.layers + 2.5 * Math.max(0, config.layers - first));
}

/** A spec worked out for a model: what it costs, where backward goes, which parameters train. */
export interface PlannedRun {
	readonly forecast: TrainingForecast;
	readonly plan: BackwardPlan;
	readonly trainable: ReadonlySet<string>;
}

/**
 * Everything a spec will need, before anything is allocated. `parameters` are the model's own; `budget`: bytes below
 * which activations are kept; `trained`: what trains in any stage, default: what the set selects; `fuses`: whether the
 * backend has `Ops.fused`. Throws `BadInput` where adapters do not fit the model, or the optimizer not the run.
 */
export function planTraining(
	config: ModelConfig,
	parameters: readonly NamedShape[],
	spec: RunSpec,
	set: LayerSet,
	budget: number,
	trained: ReadonlySet<string> = trainableOf(spec, set, parameters),
	fuses = false,
): PlannedRun {
	const mover = optimizerOf(spec.optimizer.kind);
	mover.check?.(spec);
	const { trainable, tensors } = tuned(spec, set, parameters);
	const precision = precisionOf(spec);
	const keptIn = (tensor: NamedShape) => formatOf(tensor, trained.has(tensor.name), precision);
	const count = (names: (name: string) => boolean) =>
		tensors.reduce((sum, { name, shape }) => sum + (names(name) ? product(shape) : 0), 0);
	const totalParameters = count(() => true);
	const trainableParameters = count((name) => trainable.has(name));
	const tied = !parameters.some(({ name }) => name === headName);

	const length = spec.data.sequenceLength;
	const rows = spec.batch.size * length;
	const weights = tensors.reduce((sum, tensor) => sum + weightBytes(tensor, keptIn(tensor)), 0);
	const { names: fused, headPieces } = fusedUpdates(config, spec, trainable, tensors, fuses);
	const gradients = heldGradients(spec, trainable, tensors, fused);
	const moving = tensors.filter(({ name }) => trainable.has(name));
	const updating = updateFloats(spec, moving);
	const sumOf = (of: (tensor: NamedShape) => number) =>
		moving.reduce((sum, tensor) => sum + of(tensor), 0);
	const optimizer = sumOf((tensor) => momentBytes(spec.optimizer.kind, tensor));
	const updateFlops = sumOf((tensor) => mover.flops?.(tensor, spec.optimizer) ?? 0);
	const bytesWith = (recompute: boolean) => {
		const plan = backwardPlan(trainable, config.layers, tied, recompute, set);
		const most = largestMoment(config, spec, plan, gradients, headPieces, updating);
		const total = weights + optimizer + momentTotal(most);
		return { plan, bytes: { weights, optimizer, ...most, total } };
	};
	const plain = bytesWith(false);
	const recompute =
		spec.recompute === 'always' || (spec.recompute === 'auto' && plain.bytes.total > budget);
	const { plan, bytes } = recompute ? bytesWith(true) : plain;
	const tokens = rows * spec.batch.accumulation;
	const forecast = {
		layerSet: set,
		trainableParameters,
		totalParameters,
		recompute,
		bytes,
		flopsPerStep: flops(config, tensors, trainable, plan, tokens, length) + updateFlops,
	};
	return { forecast, plan, trainable };
}
