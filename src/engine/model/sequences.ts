/** Sequences of tokens on the device. */
import type { Ops, Tensor } from '../ops.ts';

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
