/** Token rows -> sequences of equal length with their targets. */
import type { TokenBlock } from '../contract/training.ts';
import type { TokenRow } from './tokenRows.ts';

type Row = Pick<TokenRow, 'ids' | 'graded'>;

/** Where nothing is to be predicted (PyTorch's ignore_index). */
const noTarget = -100;

/**
 * `stream`: all rows joined and cut into consecutive sequences; what is left over at the end is dropped. Attention
 * sees across rows, as in the usual packing. Count 0 where there is less than one sequence.
 */
export function packStream(rows: readonly Row[], sequenceLength: number): TokenBlock {
	const total = rows.reduce((sum, { ids }) => sum + ids.length, 0);
	const stream = new Int32Array(total);
	const wanted = new Int32Array(total);
	let at = 0;
	for (const row of rows) {
		stream.set(row.ids, at);
		wanted.set(maskedIds(row), at);
		at += row.ids.length;
	}
	const count = Math.floor(total / sequenceLength);
	const block = emptyBlock(count, sequenceLength, 0);
	for (let sequence = 0; sequence < count; sequence++) {
		const begin = sequence * sequenceLength;
		const end = begin + sequenceLength;
		fill(block, begin, stream.subarray(begin, end), wanted.subarray(begin, end));
	}
	return block;
}

/**
 * `rows`: one row per sequence, padded behind with `padToken`. A row longer than a sequence is never cut: the error
 * `tooLong` makes of its index and tokens is thrown.
 */
export function packRows(
	rows: readonly Row[],
	sequenceLength: number,
	padToken: number,
	tooLong: (index: number, tokens: number) => Error,
): TokenBlock {
	const block = emptyBlock(rows.length, sequenceLength, padToken);
	for (const [sequence, row] of rows.entries()) {
		if (row.ids.length > sequenceLength) throw tooLong(sequence, row.ids.length);
		fill(block, sequence * sequenceLength, row.ids, maskedIds(row));
	}
	return block;
}

/**
 * `segments`: whole rows share sequences, each with positions and, by them, attention of its own; padded behind with
 * `padToken`, each a segment of its own. Long rows as in `packRows`.
 */
export function packSegments(
	rows: readonly Row[],
	sequenceLength: number,
	padToken: number,
	tooLong: (index: number, tokens: number) => Error,
): TokenBlock {
	for (const [index, { ids }] of rows.entries())
		if (ids.length > sequenceLength) throw tooLong(index, ids.length);
	const sequences = bestFit(rows, sequenceLength);
	const block = emptyBlock(sequences.length, sequenceLength, padToken);
	const positions = new Int32Array(block.inputIds.length);
	for (const [number, members] of sequences.entries()) {
		let at = number * sequenceLength;
		for (const row of members) {
			const { ids } = row;
			fill(block, at, ids, maskedIds(row));
			for (let i = 0; i < ids.length; i++) positions[at + i] = i;
			at += ids.length;
		}
	}
	return { ...block, positions };
}

/** In order, every row goes where the least room for it is left, or begins a sequence. */
function bestFit(rows: readonly Row[], sequenceLength: number): Row[][] {
	const sequences: Row[][] = [];
	/** Those with so many places left. */
	const withRoom = new Map<number, Row[][]>();
	for (const row of rows) {
		const { length } = row.ids;
		let room = length;
		while (room < sequenceLength && !withRoom.get(room)?.length) room++;
		const members = withRoom.get(room)?.pop() ?? [];
		if (members.length === 0) sequences.push(members);
		members.push(row);
		const left = withRoom.get(room - length);
		if (left) left.push(members);
		else withRoom.set(room - length, [members]);
	}
	return sequences;
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
	return mapTokens(block, kept.length, (values) => {
		const result = new Int32Array(kept.length * sequenceLength);
		for (const [to, from] of kept.entries()) {
			const begin = from * sequenceLength;
			result.set(values.subarray(begin, begin + sequenceLength), to * sequenceLength);
		}
		return result;
	});
}

/** The first `count` sequences. */
export function firstSequences(block: TokenBlock, count: number): TokenBlock {
	if (count >= block.count) return block;
	const end = count * block.sequenceLength;
	return mapTokens(block, count, (values) => values.slice(0, end));
}

/** A block of `count` sequences from all that another one says of its tokens. */
function mapTokens(
	{ sequenceLength, inputIds, targets, positions }: TokenBlock,
	count: number,
	change: (values: Int32Array) => Int32Array,
): TokenBlock {
	const block = { count, sequenceLength, inputIds: change(inputIds), targets: change(targets) };
	return positions ? { ...block, positions: change(positions) } : block;
}

/** The ids of what is graded, else `noTarget`. */
function maskedIds({ ids, graded }: Row): Int32Array {
	const wanted = new Int32Array(ids.length).fill(noTarget);
	for (const [from, to] of graded)
		for (let at = from; at < Math.min(to, ids.length); at++) wanted[at] = ids[at] ?? noTarget;
	return wanted;
}

/** Whether anything of the row is predicted; nothing is before its first token. */
export const hasTargets = ({ ids, graded }: TokenRow): boolean =>
	graded.some(([from, to]) => Math.max(from, 1) < Math.min(to, ids.length));

function emptyBlock(count: number, sequenceLength: number, padToken: number): TokenBlock {
	return {
		count,
		sequenceLength,
		inputIds: new Int32Array(count * sequenceLength).fill(padToken),
		targets: new Int32Array(count * sequenceLength).fill(noTarget),
	};
}

/** Writes a row from place `at` on. Position t predicts the row's token at t + 1; the last one predicts nothing. */
function fill(block: TokenBlock, at: number, ids: Int32Array, wanted: Int32Array): void {
	block.inputIds.set(ids, at);
	block.targets.set(wanted.subarray(1), at);
}
