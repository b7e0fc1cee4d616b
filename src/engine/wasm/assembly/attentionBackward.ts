// Gradients of causal attention for queries = keys at positions 0, 1, 2, ...: probabilities are computed again
// from the scores and the forward pass's log-sum-exp, block by block.
import { BLOCK, firstSeen, leftSide, panels, scoreStride, segmentStart } from './attention';
import { EDGES, multiply } from './gemm';
import { packColumns, packRows } from './pack';
import { float, int, pointer, scratch } from './parallel';
import { exp, loadPart, promoteHigh, storePart, sum64 } from './simd';

/** Sum of a[i] * b[i] in f64. */
function dot(a: usize, b: usize, width: i32): f32 {
	let low = f64x2.splat(0);
	let high = f64x2.splat(0);
	for (let i = 0; i < width; i += 4) {
		const at = (<usize>i) << 2;
		const left = width - i;
		const x = left >= 4 ? v128.load(a + at) : loadPart(a + at, left, 0);
		const y = left >= 4 ? v128.load(b + at) : loadPart(b + at, left, 0);
		const product = f32x4.mul(x, y);
		low = f64x2.add(low, f64x2.promote_low_f32x4(product));
		high = f64x2.add(high, promoteHigh(product));
	}
	return <f32>sum64(f64x2.add(low, high));
}

/** One row: scores become probabilities p, slopes (dOut * vᵀ) become p * (slope - delta) * scale. */
function differentiate(
	scores: usize,
	slopes: usize,
	columns: i32,
	first: i32,
	last: i32,
	logSumExp: f32,
	delta: f32,
): void {
	const before = (<usize>first) << 2;
	const after = (<usize>(last + 1)) << 2;
	const rest = (<usize>(columns - last - 1)) << 2;
	memory.fill(scores, 0, before);
	memory.fill(slopes, 0, before);
	memory.fill(scores + after, 0, rest);
	memory.fill(slopes + after, 0, rest);
	const scale = f32x4.splat(float(14));
	const shift = f32x4.splat(logSumExp);
	const deltas = f32x4.splat(delta);
	for (let i = first; i <= last; i += 4) {
		const at = (<usize>i) << 2;
		const left = last + 1 - i;
		const raw = left >= 4 ? v128.load(scores + at) : loadPart(scores + at, left, 0);
		const slope = left >= 4 ? v128.load(slopes + at) : loadPart(slopes + at, left, 0);
		const p = exp(f32x4.sub(f32x4.mul(raw, scale), shift));
		const ds = f32x4.mul(f32x4.mul(p, f32x4.sub(slope, deltas)), scale);
		if (left >= 4) {
			v128.store(scores + at, p);
			v128.store(slopes + at, ds);
		} else {
			storePart(scores + at, p, left);
			storePart(slopes + at, ds, left);
		}
	}
}

/**
 * Task: one sequence, one key/value head. 0 dOut, 1 q, 2 k, 3 v, 4 out, 5 logSumExp, 6 dq, 7 dk, 8 dv,
 * 9 queries, 10 heads, 11 key/value heads, 12 headDim, 13 window or 0, 14 scale, 15-16 scratch, 17 segments or 0.
 */
export function attentionBackwardItem(item: i32): void {
	const queries = int(9);
	const heads = int(10);
	const groups = int(11);
	const width = int(12);
	const window = int(13);
	const group = item % groups;
	const batch = item / groups;
	const rowBytes = (<usize>(heads * width)) << 2;
	const keyBytes = (<usize>(groups * width)) << 2;
	const keyOffset = <usize>batch * queries * keyBytes + ((<usize>(group * width)) << 2);

	const edges = scratch(15);
	const left = edges + EDGES;
	const scores = left + leftSide(queries, width);
	const slopes = scores + BLOCK * scoreStride(queries);
	const keysAcross = slopes + BLOCK * scoreStride(queries);
	const valuesAcross = keysAcross + panels(queries, width);
	const keysDown = valuesAcross + panels(queries, width);
	const right = keysDown + panels(width, queries);
	packColumns(pointer(2) + keyOffset, 4, keyBytes, queries, width, keysAcross);
	packColumns(pointer(3) + keyOffset, 4, keyBytes, queries, width, valuesAcross);
	packColumns(pointer(2) + keyOffset, keyBytes, 4, width, queries, keysDown);
	for (let row = 0; row < queries; row++) {
		const at = keyOffset + <usize>row * keyBytes;
		memory.fill(pointer(7) + at, 0, (<usize>width) << 2);
		memory.fill(pointer(8) + at, 0, (<usize>width) << 2);
	}

	const headsPerGroup = heads / groups;
	for (let head = group * headsPerGroup; head < (group + 1) * headsPerGroup; head++) {
		for (let first = 0; first < queries; first += BLOCK) {
			const rows = min(BLOCK, queries - first);
			const row = <usize>batch * queries + first;
			const at = row * rowBytes + ((<usize>(head * width)) << 2);
			// No later query of the block sees an earlier key than its first one does.
			const skipped = firstSeen(segmentStart(pointer(17), row), first, window) & ~7;
			const columns = first + rows - skipped;
			const stride = scoreStride(columns);
			const panelOffset = (<usize>skipped * width) << 2;

			packRows(pointer(1) + at, rowBytes, 4, rows, width, left);
			multiply(
				rows,
				columns,
				width,
				left,
				keysAcross + panelOffset,
				width,
				scores,
				stride,
				0,
				0,
				0,
				edges,
			);
			packRows(pointer(0) + at, rowBytes, 4, rows, width, left);
			multiply(
				rows,
				columns,
				width,
				left,
				valuesAcross + panelOffset,
				width,
				slopes,
				stride,
				0,
				0,
				0,
				edges,
			);
			for (let i = 0; i < rows; i++) {
				const query = at + <usize>i * rowBytes;
				const begin = segmentStart(pointer(17), row + i);
				differentiate(
					scores + <usize>i * stride,
					slopes + <usize>i * stride,
					columns,
					firstSeen(begin, first + i, window) - skipped,
					first + i - skipped,
					load<f32>(pointer(5) + (((row + i) * heads + head) << 2)),
					dot(pointer(0) + query, pointer(4) + query, width),
				);
			}

			packRows(slopes, stride, 4, rows, columns, left);
			multiply(
				rows,
				width,
				columns,
				left,
				keysDown + ((<usize>skipped) << 5),
				queries,
				pointer(6) + at,
				rowBytes,
				0,
				0,
				0,
				edges,
			);
			const keyAt = keyOffset + <usize>skipped * keyBytes;
			packColumns(pointer(1) + at, rowBytes, 4, width, rows, right);
			packRows(slopes, 4, stride, columns, rows, left);
			multiply(
				columns,
				width,
				rows,
				left,
				right,
				rows,
				pointer(7) + keyAt,
				keyBytes,
				pointer(7) + keyAt,
				keyBytes,
				0,
				edges,
			);
			packColumns(pointer(0) + at, rowBytes, 4, width, rows, right);
			packRows(scores, 4, stride, columns, rows, left);
			multiply(
				columns,
				width,
				rows,
				left,
				right,
				rows,
				pointer(8) + keyAt,
				keyBytes,
				pointer(8) + keyAt,
				keyBytes,
				0,
				edges,
			);
		}
	}
}
