/**
 * Fisher information of layers (Lodha et al., Findings of EMNLP 2023), for a causal model: the mean over samples of the
 * squared gradient of a sample's log-probability, diagonal, with the observed targets. One backward pass per sample.
 */
import { namedError } from '../contract/errors.ts';
import type { FisherAggregation } from '../contract/selection.ts';
import type { TokenBlock } from '../contract/training.ts';
import { createGradients, type Gradients } from '../engine/gradients.ts';
import { forwardBackward } from '../engine/model/decoder.ts';
import { releaseSequences, uploadSequences } from '../engine/model/sequences.ts';
import type { Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { layerOf } from '../engine/plan/plan.ts';
import { euclidean } from '../engine/verify.ts';
import { createLayerSquares } from './fisherSquares.ts';

/** Squares of gradients kept at once for `frobenius`, in numbers of 4 bytes; more layers take another round of all samples. */
const mostSquares = 2 ** 28;

/** Names and sizes of the parameters of a layer. */
type LayerParameters = ReadonlyMap<string, number>;

function layerParameters(decoder: Decoder): LayerParameters[] {
	const layers = decoder.blocks.map(() => new Map<string, number>());
	for (const [name, { tensor }] of decoder.parameters) {
		const layer = layerOf(name);
		if (layer !== null) layers[layer]?.set(name, tensor.size);
	}
	return layers;
}

const sizeOf = (parameters: LayerParameters) =>
	[...parameters.values()].reduce((sum, size) => sum + size, 0);

/**
 * Score of every layer over the samples of `block`, one sequence each, padded behind:
 * `sum`: of the information of all its parameters; `mean`: that divided by their number; `frobenius`: sum over its
 * tensors of the Frobenius norm of the information (the public code's). `sum` and `mean` need only norms and keep no
 * gradient (fisherSquares.ts); `frobenius` reads every gradient and keeps the squares of at most `mostSquares`
 * parameters, so it is slower.
 * `onDone`: samples done, of `total`; what it throws ends the work.
 * @throws NotFinite naming the sample and the layer or tensor where a gradient is not a finite number
 */
export async function fisherScores(
	ops: Ops,
	decoder: Decoder,
	block: TokenBlock,
	aggregation: FisherAggregation,
	onDone: (done: number, total: number) => void,
): Promise<number[]> {
	if (aggregation === 'frobenius') return frobeniusScores(ops, decoder, block, onDone);
	const layers = layerParameters(decoder);
	const sums = new Float64Array(layers.length);
	const gradients = createLayerSquares(
		ops,
		layers.map((parameters) => [...parameters.keys()]),
	);
	try {
		for (let sample = 0; sample < block.count; sample++) {
			sampleGradients(ops, decoder, block, sample, 0, gradients);
			for (const [layer, squares] of (await gradients.take()).entries()) {
				checkFinite(squares, sample, `layer ${layer}`);
				sums[layer]! += squares / block.count;
			}
			onDone(sample + 1, block.count);
		}
	} finally {
		gradients.release();
	}
	return Array.from(sums, (sum, layer) =>
		aggregation === 'sum' ? sum : sum / sizeOf(layers[layer]!),
	);
}

/** Gradient of -log p of a sample's targets, for what `gradients` wants in blocks from `firstBlock` on. */
function sampleGradients(
	ops: Ops,
	decoder: Decoder,
	block: TokenBlock,
	sample: number,
	firstBlock: number,
	gradients: Gradients,
): void {
	const from = sample * block.sequenceLength;
	const targets = block.targets.subarray(from, from + block.sequenceLength);
	// Nothing behind the last target has a part in its probability.
	const length = targets.findLastIndex((target) => target >= 0) + 1;
	const sequences = uploadSequences(ops, block.inputIds.slice(from, from + length), 1, length);
	const plan = { firstBlock, trainsEmbedding: false, recompute: true };
	const wanted = targets.slice(0, length);
	ops.release(...forwardBackward(ops, decoder, sequences, wanted, 1, plan, gradients));
	releaseSequences(ops, sequences);
}

function checkFinite(value: number, sample: number, where: string): void {
	if (Number.isFinite(value)) return;
	throw namedError(
		'NotFinite',
		`Sample ${sample + 1}: the gradient of ${where} is ${value}; look for damaged weights, or leave the row out`,
	);
}

/** Neighbouring layers whose parameters together are at most `mostSquares`, at least one in each group. */
function layerGroups(layers: readonly LayerParameters[]): { first: number; names: string[] }[] {
	const groups: { first: number; names: string[]; size: number }[] = [];
	for (const [layer, parameters] of layers.entries()) {
		const size = sizeOf(parameters);
		const last = groups.at(-1);
		if (last && last.size + size <= mostSquares) {
			last.names.push(...parameters.keys());
			last.size += size;
		} else groups.push({ first: layer, names: [...parameters.keys()], size });
	}
	return groups;
}

async function frobeniusScores(
	ops: Ops,
	decoder: Decoder,
	block: TokenBlock,
	onDone: (done: number, total: number) => void,
): Promise<number[]> {
	const layers = layerParameters(decoder);
	const scores = layers.map(() => 0);
	const groups = layerGroups(layers);
	let done = 0;
	for (const { first, names } of groups) {
		const gradients = createGradients(ops, new Set(names));
		const squares = new Map<string, Float32Array>();
		for (let sample = 0; sample < block.count; sample++) {
			try {
				sampleGradients(ops, decoder, block, sample, first, gradients);
				for (const [name, gradient] of gradients.tensors)
					addSquares(squares, name, await ops.read(gradient), sample);
			} finally {
				gradients.clear();
			}
			onDone(++done, groups.length * block.count);
		}
		for (const [name, sums] of squares) scores[layerOf(name)!]! += euclidean(sums) / block.count;
	}
	return scores;
}

function addSquares(
	squares: Map<string, Float32Array>,
	name: string,
	gradient: Float32Array,
	sample: number,
): void {
	const sums = squares.get(name) ?? new Float32Array(gradient.length);
	squares.set(name, sums);
	for (let i = 0; i < sums.length; i++) {
		sums[i]! += gradient[i]! ** 2;
		if (!Number.isFinite(sums[i]!)) checkFinite(sums[i]!, sample, name);
	}
}
