// Causal grouped-query attention: for one sequence and one key/value head, blocks of queries against the keys
// they can see. Scores of one block only are kept, in scratch memory.
import { EDGES, multiply } from './gemm';
import { packColumns, packRows, ROWS } from './pack';
import { float, int, pointer, scratch } from './parallel';
import { exp, loadPart, log, promoteHigh, storePart, sum64 } from './simd';

/** Queries of one block. Must equal QUERY_BLOCK in ../attention.ts. */
export const BLOCK = 48;

/** Bytes of a packed panel set: `lines` rounded up to whole panels, times depth. */
@inline
export function panels(lines: i32, depth: i32): usize {
	return <usize>((lines + 7) & ~7) * <usize>depth * 4;
}

/** Bytes of the packed left side of any product here: a block of queries, or all keys by a block. */
@inline
export function leftSide(keys: i32, width: i32): usize {
	return <usize>max(BLOCK * max(keys, width), (keys + ROWS) * BLOCK) * 4;
}

/** Bytes from one row of scores to the next. */
@inline
export function scoreStride(keys: i32): usize {
	return <usize>((keys + 7) & ~7) << 2;
}

/**
 * Scores [0, columns) of one row become probabilities; those outside [first, last] become 0.
 * Returns the logarithm of the sum of exponentials (-Infinity where nothing is visible).
 */
function softmax(scores: usize, columns: i32, first: i32, last: i32, scale: f32): f32 {
	if (last < first) {
		memory.fill(scores, 0, <usize>columns << 2);
		return -Infinity;
	}
	memory.fill(scores, 0, <usize>first << 2);
	memory.fill(scores + (<usize>(last + 1) << 2), 0, <usize>(columns - last - 1) << 2);
	const x = scores + (<usize>first << 2);
	const count = last - first + 1;
	const scales = f32x4.splat(scale);
	let most = f32x4.splat(-Infinity);
	for (let i = 0; i < count; i += 4) {
		const at = x + (<usize>i << 2);
		const left = count - i;
		const raw = left >= 4 ? v128.load(at) : loadPart(at, left, -Infinity);
		most = f32x4.max(most, f32x4.mul(raw, scales));
	}
	most = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
	const peak = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
	const peaks = f32x4.splat(peak);
	let low = f64x2.splat(0);
	let high = f64x2.splat(0);
	for (let i = 0; i < count; i += 4) {
		const at = x + (<usize>i << 2);
		const left = count - i;
		const raw = left >= 4 ? v128.load(at) : loadPart(at, left, -Infinity);
		const e = exp(f32x4.sub(f32x4.mul(raw, scales), peaks));
		low = f64x2.add(low, f64x2.promote_low_f32x4(e));
		high = f64x2.add(high, promoteHigh(e));
		if (left >= 4) v128.store(at, e);
		else storePart(at, e, left);
	}
	const total = sum64(f64x2.add(low, high));
	const factor = f32x4.splat(<f32>(1 / total));
	for (let i = 0; i < count; i += 4) {
		const at = x + (<usize>i << 2);
		const left = count - i;
		if (left >= 4) v128.store(at, f32x4.mul(v128.load(at), factor));
		else storePart(at, f32x4.mul(loadPart(at, left, 0), factor), left);
	}
	return <f32>(<f64>peak + log(total));
}

/**
 * First key that a query sees; `begin`: first key of its segment, `last`: the key it sits at.
 */
@inline
export function firstSeen(begin: i32, last: i32, window: i32): i32 {
	return window > 0 ? max(begin, last - window + 1) : begin;
}

/** First key of the segment that a row belongs to; `segments` is 0 where a sequence is one segment. */
@inline
export function segmentStart(segments: usize, row: usize): i32 {
	return segments == 0 ? 0 : load<i32>(segments + (row << 3));
}

/**
 * Task: the queries of one chunk, all query heads of one key/value head. 0 q, 1 k, 2 v, 3 positions, 4 out,
 * 5 logSumExp, 6 queries, 7 keys, 8 heads, 9 key/value heads, 10 headDim, 11 window or 0, 12 scale,
 * 13-14 scratch, 15 chunks per sequence, 16 queries per chunk, 17 segments or 0.
 */
export function attentionItem(item: i32): void {
	const queries = int(6);
	const keys = int(7);
	const heads = int(8);
	const groups = int(9);
	const width = int(10);
	const window = int(11);
	const chunks = int(15);
	const group = item % groups;
	const batch = item / groups / chunks;
	const start = ((item / groups) % chunks) * int(16);
	const end = min(queries, start + int(16));
	const firstRow = <usize>batch * queries;

	let from = keys;
	let highest = -1;
	for (let i = start; i < end; i++) {
		const begin = segmentStart(pointer(17), firstRow + i);
		const position = begin + load<i32>(pointer(3) + ((firstRow + i) << 2));
		from = min(from, firstSeen(begin, position, window));
		highest = max(highest, position);
	}
	const span = max(0, highest + 1 - from);

	const rowBytes = <usize>(heads * width) << 2;
	const keyBytes = <usize>(groups * width) << 2;
	const keyOffset = (<usize>batch * keys + from) * keyBytes + (<usize>(group * width) << 2);
	const edges = scratch(13);
	const left = edges + EDGES;
	const scores = left + leftSide(keys, width);
	const packedKeys = scores + BLOCK * scoreStride(keys);
	const packedValues = packedKeys + panels(keys, width);
	packColumns(pointer(1) + keyOffset, 4, keyBytes, span, width, packedKeys);
	packColumns(pointer(2) + keyOffset, keyBytes, 4, width, span, packedValues);

	const headsPerGroup = heads / groups;
	for (let head = group * headsPerGroup; head < (group + 1) * headsPerGroup; head++) {
		for (let first = start; first < end; first += BLOCK) {
			const rows = min(BLOCK, end - first);
			const row = firstRow + first;
			const at = row * rowBytes + (<usize>(head * width) << 2);
			let low = keys;
			let high = -1;
			for (let i = 0; i < rows; i++) {
				const begin = segmentStart(pointer(17), row + i);
				const position = begin + load<i32>(pointer(3) + ((row + i) << 2));
				low = min(low, firstSeen(begin, position, window));
				high = max(high, position);
			}
			const skipped = (low - from) & ~7;
			const columns = max(0, high + 1 - from - skipped);
			const stride = scoreStride(columns);
			packRows(pointer(0) + at, rowBytes, 4, rows, width, left);
			const keyPanels = packedKeys + ((<usize>skipped * width) << 2);
			multiply(rows, columns, width, left, keyPanels, width, scores, stride, 0, 0, 0, edges);
			for (let i = 0; i < rows; i++) {
				const begin = segmentStart(pointer(17), row + i);
				const position = begin + load<i32>(pointer(3) + ((row + i) << 2));
				const visible = firstSeen(begin, position, window) - from - skipped;
				const last = position - from - skipped;
				const result = softmax(scores + <usize>i * stride, columns, visible, last, float(12));
				store<f32>(pointer(5) + (((row + i) * heads + head) << 2), result);
			}
			packRows(scores, stride, 4, rows, columns, left);
			const values = packedValues + (<usize>skipped << 5);
			multiply(rows, width, columns, left, values, span, pointer(4) + at, rowBytes, 0, 0, 0, edges);
		}
	}
}
