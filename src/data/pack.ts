/** Token rows -> sequences of equal length with their targets. */
import type { TokenBlock } from '../contract/training.ts';
import type { TokenRow } from './tokenRows.ts';

/** Where nothing is to be predicted (PyTorch's ignore_index). */
const noTarget = -100;

/**
 * `stream`: all rows joined and cut into consecutive sequences; what is left over at the end is dropped. Attention
 * sees across rows, as in the usual packing. Count 0 where there is less than one sequence.
 */
export function packStream(rows: readonly TokenRow[], sequenceLength: number): TokenBlock {
	const total = rows.reduce((sum, { ids }) => sum + ids.length, 0);
	const stream = new Int32Array(total);
	const wanted = new Int32Array(total);
	let at = 0;
	for (const { ids, firstTarget } of rows) {
		stream.set(ids, at);
		wanted.set(maskedIds(ids, firstTarget), at);
		at += ids.length;
	}
	const count = Math.floor(total / sequenceLength);
	const block = emptyBlock(count, sequenceLength, 0);
	for (let sequence = 0; sequence < count; sequence++) {
		const begin = sequence * sequenceLength;
		const end = begin + sequenceLength;
		fill(block, sequence, stream.subarray(begin, end), wanted.subarray(begin, end));
	}
	return block;
}

/**
 * `rows`: one row per sequence, padded behind with `padToken`. A row longer than a sequence is never cut: the error
 * `tooLong` makes of its index and tokens is thrown.
 */
export function packRows(
	rows: readonly TokenRow[],
	sequenceLength: number,
	padToken: number,
	tooLong: (index: number, tokens: number) => Error,
): TokenBlock {
	const block = emptyBlock(rows.length, sequenceLength, padToken);
	for (const [sequence, { ids, firstTarget }] of rows.entries()) {
		if (ids.length > sequenceLength) throw tooLong(sequence, ids.length);
		fill(block, sequence, ids, maskedIds(ids, firstTarget));
	}
	return block;
}

/** Leaves out sequences without any target: they teach nothing, and a batch of them would have no loss. */
export function withTargets(block: TokenBlock): TokenBlock {
	const { sequenceLength } = block;
	const kept: number[] = [];
	for (let sequence = 0; sequence < block.count; sequence++) {
		const begin = sequence * sequenceLength;
		const targets = block.targets.subarray(begin, begin + sequenceLength);
		if (targets.some((target) => target >= 0)) kept.push(sequence);
	}
	if (kept.length === block.count) return block;
	const result = emptyBlock(kept.length, sequenceLength, 0);
	for (const [to, from] of kept.entries()) {
		const begin = from * sequenceLength;
		const end = begin + sequenceLength;
		result.inputIds.set(block.inputIds.subarray(begin, end), to * sequenceLength);
		result.targets.set(block.targets.subarray(begin, end), to * sequenceLength);
	}
	return result;
}

/** The first `count` sequences. */
export function firstSequences(block: TokenBlock, count: number): TokenBlock {
	if (count >= block.count) return block;
	const end = count * block.sequenceLength;
	return {
		count,
		sequenceLength: block.sequenceLength,
		inputIds: block.inputIds.slice(0, end),
		targets: block.targets.slice(0, end),
	};
}

function maskedIds(ids: Int32Array, firstTarget: number): Int32Array {
	return ids.map((id, position) => (position < firstTarget ? noTarget : id));
}

function emptyBlock(count: number, sequenceLength: number, padToken: number): TokenBlock {
	return {
		count,
		sequenceLength,
		inputIds: new Int32Array(count * sequenceLength).fill(padToken),
		targets: new Int32Array(count * sequenceLength).fill(noTarget),
	};
}

/** Position t predicts the token at t + 1 of its own sequence; the last one predicts nothing (labels = input_ids). */
function fill(block: TokenBlock, sequence: number, ids: Int32Array, wanted: Int32Array): void {
	const at = sequence * block.sequenceLength;
	block.inputIds.set(ids, at);
	block.targets.set(wanted.subarray(1), at);
}
