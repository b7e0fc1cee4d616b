/** Final norm and head of a decoder: logits of states, losses of targets, and their gradients. */
import type { ModelConfig } from '../../contract/model.ts';
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import { normBackward, normForward, type NormSettings, normWeightBackward } from './norm.ts';
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

export const normSettings = ({ config, recipe }: Decoder): NormSettings => ({
	epsilon: config.rmsNormEpsilon,
	gain: recipe.gain,
});

/** Logits are scaled by way of what the head takes: that is smaller. */
function scaleLogits(ops: Ops, { recipe }: Decoder, x: Tensor): void {
	if (recipe.scales.logits !== 1) ops.scaleInPlace(x, recipe.scales.logits);
}

/** What the head takes, for states x [rows, hidden], which stay. */
function headInput(ops: Ops, decoder: Decoder, x: Tensor): { normed: Tensor; inverseRms: Tensor } {
	const { y: normed, inverseRms } = normForward(ops, x, decoder.finalNorm, normSettings(decoder));
	scaleLogits(ops, decoder, normed);
	return { normed, inverseRms };
}

/** Logits [rows, vocabulary] of states x [rows, hidden], which stay. */
export function logitsOf(ops: Ops, decoder: Decoder, x: Tensor): Tensor {
	const { normed, inverseRms } = headInput(ops, decoder, x);
	const logits = ops.linear(normed, decoder.head.tensor);
	ops.release(normed, inverseRms);
	return logits;
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
	const { head } = decoder;
	const { normed, inverseRms } = headInput(ops, decoder, x);
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

/** Final norm, head and cross-entropy, forward and backward in one sweep over pieces of the rows. */
export function headBackward(
	ops: Ops,
	decoder: Decoder,
	x: Tensor,
	targets: Int32Array,
	gradientScale: number,
	needInput: boolean,
	gradients: Gradients,
): { losses: Tensor[]; dx: Tensor | null } {
	const { config, embedding, finalNorm, head } = decoder;
	const { normed, inverseRms } = headInput(ops, decoder, x);
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
		scaleLogits(ops, decoder, dNormed);
		const state = { x, inverseRms };
		if (needInput)
			dx = normBackward(ops, dNormed, finalNorm, state, normSettings(decoder), gradients);
		else normWeightBackward(ops, dNormed, finalNorm, state, gradients);
		ops.release(dNormed);
	}
	ops.release(inverseRms);
	return { losses, dx };
}
