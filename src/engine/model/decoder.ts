/** The decoder end to end: embedding, blocks, head; forward alone and layer-wise forward with backward. */
import type { ModelConfig } from '../../contract/model.ts';
import type { Gradients } from '../gradients.ts';
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import {
	blockActivations,
	type BlockActivations,
	blockBackward,
	type BlockContext,
	blockOutput,
	releaseActivations,
} from './block.ts';
import type { Decoder } from './weights.ts';

/** Largest number of logits held at once: the head works through the rows in pieces of this size. */
const LOGITS_AT_ONCE = 1 << 23;

/** Rows of the head's pieces for a vocabulary, at most `rows`. */
export function headRows(vocabularySize: number, rows: number): number {
	return Math.min(rows, Math.max(64, Math.floor(LOGITS_AT_ONCE / vocabularySize)));
}

/** The most where they are all the head needs: what every WebGPU device can bind at least. */
const LOGITS_AT_MOST = 1 << 25;

/**
 * The same where the head is updated without a gradient in memory, which a product in pieces would need: all rows, where
 * their logits take less than it.
 */
export function fusedHeadRows(config: ModelConfig, rows: number): number {
	const { vocabularySize, hiddenSize } = config;
	const pieces = headRows(vocabularySize, rows);
	const fits = rows * vocabularySize <= LOGITS_AT_MOST && rows - pieces <= hiddenSize;
	return fits ? rows : pieces;
}

/** Sequences of equal length: each starts at position 0, and so does every segment of one. */
export interface Sequences {
	readonly batch: number;
	readonly length: number;
	/** i32 [batch * length] */
	readonly inputIds: Tensor;
	/** i32 [batch * length] */
	readonly positions: Tensor;
	/** Where sequences have several segments: their bounds as `Ops.attention` takes them. */
	readonly segments?: Tensor;
	/** Of this micro-batch in training; absent: nothing is dropped. */
	readonly dropoutSeed?: number;
}

/** `positions` [batch * length]: those of `TokenBlock`; absent where every sequence is one segment. */
export function uploadSequences(
	ops: Ops,
	inputIds: Int32Array,
	batch: number,
	length: number,
	positions?: Int32Array,
): Sequences {
	const rows = batch * length;
	const places = positions ?? Int32Array.from({ length: rows }, (_, i) => i % length);
	const sequences = {
		batch,
		length,
		inputIds: ops.upload(inputIds, [rows]),
		positions: ops.upload(places, [rows]),
	};
	if (positions === undefined) return sequences;
	return { ...sequences, segments: ops.upload(segmentBounds(positions, length), [rows, 2]) };
}

/** First and past-the-last index in its sequence of the segment each token belongs to: one begins at every position 0. */
function segmentBounds(positions: Int32Array, length: number): Int32Array {
	const bounds = new Int32Array(2 * positions.length);
	for (let row = positions.length - 1; row >= 0; row--) {
		const index = row % length;
		const isLast = index === length - 1 || positions[row + 1] === 0;
		bounds[2 * row] = index - positions[row]!;
		bounds[2 * row + 1] = isLast ? index + 1 : bounds[2 * row + 3]!;
	}
	return bounds;
}

export function releaseSequences(ops: Ops, { inputIds, positions, segments }: Sequences): void {
	ops.release(inputIds, positions, ...(segments ? [segments] : []));
}

/** What block `layer` sees of a batch of whole sequences. */
export function trainingContext(
	decoder: Decoder,
	sequences: Sequences,
	layer: number,
): BlockContext {
	const { config, inverseFrequency } = decoder;
	const attention: AttentionShape = {
		batch: sequences.batch,
		queries: sequences.length,
		keys: sequences.length,
		heads: config.heads,
		keyValueHeads: config.keyValueHeads,
		headDim: config.headDim,
		window: config.windows[layer] ?? null,
	};
	const { positions, segments, dropoutSeed } = sequences;
	return {
		epsilon: config.rmsNormEpsilon,
		inverseFrequency,
		positions,
		attention,
		...(segments && { segments }),
		...(dropoutSeed !== undefined && { dropoutSeed }),
	};
}

/** Runs the blocks and keeps nothing. `visit` sees the residual stream before each block and at the end. */
export async function hiddenStates(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	visit: (x: Tensor, layer: number) => Promise<void> | void = () => undefined,
): Promise<Tensor> {
	let x = ops.gatherRows(decoder.embedding.tensor, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		await visit(x, layer);
		const context = trainingContext(decoder, sequences, layer);
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	return x;
}

/** Calls `use` with consecutive pieces of the normed final states, of `rows` each; `use` must not keep the piece. */
export function headPieces(
	ops: Ops,
	decoder: Decoder,
	normed: Tensor,
	use: (piece: Tensor, from: number, rows: number) => void,
	rows = headRows(decoder.config.vocabularySize, normed.size / decoder.config.hiddenSize),
): void {
	const total = normed.size / decoder.config.hiddenSize;
	if (rows === total) {
		use(normed, 0, total);
		return;
	}
	for (let from = 0; from < total; from += rows) {
		const count = Math.min(rows, total - from);
		const indices = ops.upload(
			Int32Array.from({ length: count }, (_, i) => from + i),
			[count],
		);
		const piece = ops.gatherRows(normed, indices);
		use(piece, from, count);
		ops.release(piece, indices);
	}
}

/** -log p of every target [rows]; 0 where the target is negative. x [rows, hidden] stays. */
export async function targetLosses(
	ops: Ops,
	decoder: Decoder,
	x: Tensor,
	targets: Int32Array,
): Promise<Float32Array> {
	const { config, finalNorm, head } = decoder;
	const { y: normed, inverseRms } = ops.rmsNorm(x, finalNorm.tensor, config.rmsNormEpsilon);
	const pieces: Tensor[] = [];
	headPieces(ops, decoder, normed, (piece, from, rows) => {
		const labels = ops.upload(targets.subarray(from, from + rows), [rows]);
		const logits = ops.linear(piece, head.tensor);
		pieces.push(ops.crossEntropy(logits, labels, null));
		ops.release(logits, labels);
	});
	ops.release(normed, inverseRms);
	const losses = new Float32Array(targets.length);
	let at = 0;
	for (const piece of pieces) {
		losses.set(await ops.read(piece), at);
		at += piece.size;
	}
	ops.release(...pieces);
	return losses;
}

export interface BackwardPlan {
	/** Lowest block with anything to train; `layers` where there is none. Blocks below are only run forward. */
	readonly firstBlock: number;
	readonly trainsEmbedding: boolean;
	readonly recompute: boolean;
}

/**
 * One micro-batch: losses of every target, and gradients of gradientScale * (their sum) added to `gradients`.
 * Blocks above the first trainable one keep their activations, or only their input where `recompute` is set.
 * @returns losses [rows], on the device
 */
export function forwardBackward(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	targets: Int32Array,
	gradientScale: number,
	plan: BackwardPlan,
	gradients: Gradients,
): Tensor[] {
	const first = plan.trainsEmbedding ? 0 : plan.firstBlock;
	const { x, inputs, kept: keptBlocks } = forwardKeeping(ops, decoder, sequences, first, plan);
	const needsBlocks = first < decoder.blocks.length || plan.trainsEmbedding;
	const { losses, dx } = headBackward(
		ops,
		decoder,
		x,
		targets,
		gradientScale,
		needsBlocks,
		gradients,
	);
	ops.release(x);
	if (dx === null) return losses;

	for (let layer = decoder.blocks.length - 1; layer >= first; layer--) {
		const block = decoder.blocks[layer]!;
		const input = inputs[layer]!;
		const context = trainingContext(decoder, sequences, layer);
		const kept = keptBlocks[layer] ?? blockActivations(ops, block, input, context);
		const needInput = layer > first || plan.trainsEmbedding;
		blockBackward(ops, block, kept, dx, context, gradients, needInput);
		releaseActivations(ops, kept);
		ops.release(input);
	}
	if (plan.trainsEmbedding)
		gradients.add(decoder.embedding, (into) => {
			const dTable = into ?? ops.zeros(decoder.embedding.tensor.shape);
			ops.scatterAddRows(dTable, sequences.inputIds, dx);
			return dTable;
		});
	ops.release(dx);
	return losses;
}

/** Forward; from block `first` on inputs are kept, and activations unless they will be recomputed. */
function forwardKeeping(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	first: number,
	plan: BackwardPlan,
) {
	const inputs: Tensor[] = [];
	const kept: (BlockActivations | null)[] = [];
	let x = ops.gatherRows(decoder.embedding.tensor, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context = trainingContext(decoder, sequences, layer);
		const activations = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, activations, context);
		const keep = layer >= first && !plan.recompute;
		if (!keep) releaseActivations(ops, activations);
		if (layer >= first) {
			inputs[layer] = x;
			kept[layer] = keep ? activations : null;
		} else ops.release(x);
		x = y;
	}
	return { x, inputs, kept };
}

/** Final norm, head and cross-entropy, forward and backward in one sweep over pieces of the rows. */
function headBackward(
	ops: Ops,
	decoder: Decoder,
	x: Tensor,
	targets: Int32Array,
	gradientScale: number,
	needInput: boolean,
	gradients: Gradients,
): { losses: Tensor[]; dx: Tensor | null } {
	const { config, embedding, finalNorm, head } = decoder;
	const { y: normed, inverseRms } = ops.rmsNorm(x, finalNorm.tensor, config.rmsNormEpsilon);
	const needNormed = needInput || gradients.wants(finalNorm);
	const losses: Tensor[] = [];
	const dNormed = needNormed ? ops.empty(normed.shape) : null;
	// Of a tied matrix the embedding's part is still to come.
	const untied = head !== embedding;
	const fused = untied && gradients.fused?.takes(head);
	const pieces = fused ? fusedHeadRows(config, x.size / config.hiddenSize) : undefined;
	const backward = (piece: Tensor, from: number, rows: number) => {
		const labels = ops.upload(targets.subarray(from, from + rows), [rows]);
		const logits = ops.linear(piece, head.tensor);
		losses.push(ops.crossEntropy(logits, labels, gradientScale));
		if (dNormed !== null) {
			const dPiece = ops.linearBackwardInput(logits, head.tensor);
			const slots = ops.upload(
				Int32Array.from({ length: rows }, (_, i) => from + i),
				[rows],
			);
			ops.writeRows(dNormed, slots, dPiece);
			ops.release(dPiece, slots);
		}
		gradients.addProduct(head, logits, piece, untied && from + rows === targets.length);
		ops.release(logits, labels);
	};
	headPieces(ops, decoder, normed, backward, pieces);
	ops.release(normed);
	let dx: Tensor | null = null;
	if (dNormed !== null) {
		if (needInput) dx = ops.rmsNormBackward(dNormed, x, finalNorm.tensor, inverseRms);
		gradients.add(finalNorm, (into) => ops.rmsNormBackwardWeight(dNormed, x, inverseRms, into));
		ops.release(dNormed);
	}
	ops.release(inverseRms);
	return { losses, dx };
}
