// Kernels over rows: RMS norm with its gradients, sums over rows, gather, scatter, argmax.
import { float, int, pointer } from './parallel';
import { loadPart, madd, promoteHigh, storePart, sum64 } from './simd';

const ROWS_PER_ITEM = 16;
const COLUMNS_PER_ITEM = 16;

/** Sum of a[i] * b[i] (* c[i] where c is not 0) in f64 lanes. */
function dot(a: usize, b: usize, c: usize, width: i32): f64 {
	const whole = width & ~3;
	let low = f64x2.splat(0);
	let high = f64x2.splat(0);
	for (let i = 0; i < whole; i += 4) {
		const at = <usize>i << 2;
		let product = f32x4.mul(v128.load(a + at), v128.load(b + at));
		if (c) product = f32x4.mul(product, v128.load(c + at));
		low = f64x2.add(low, f64x2.promote_low_f32x4(product));
		high = f64x2.add(high, promoteHigh(product));
	}
	let total = sum64(f64x2.add(low, high));
	for (let i = whole; i < width; i++) {
		const at = <usize>i << 2;
		total += <f64>(load<f32>(a + at) * load<f32>(b + at) * (c ? load<f32>(c + at) : 1));
	}
	return total;
}

/** Task: 0 x, 1 weight, 2 y, 3 inverseRms, 4 rows, 5 width, 6 epsilon. */
export function rmsNormItem(item: i32): void {
	const width = int(5);
	const whole = width & ~3;
	const last = min(int(4), (item + 1) * ROWS_PER_ITEM);
	const weight = pointer(1);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const offset = (<usize>row * width) << 2;
		const x = pointer(0) + offset;
		const y = pointer(2) + offset;
		const mean = dot(x, x, 0, width) / <f64>width;
		const inverse = <f32>(1 / sqrt<f64>(mean + <f64>float(6)));
		store<f32>(pointer(3) + (row << 2), inverse);
		const scale = f32x4.splat(inverse);
		for (let i = 0; i < whole; i += 4) {
			const at = <usize>i << 2;
			v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), scale), v128.load(weight + at)));
		}
		for (let i = whole; i < width; i++) {
			const at = <usize>i << 2;
			store<f32>(y + at, load<f32>(x + at) * inverse * load<f32>(weight + at));
		}
	}
}

/**
 * Task: dx = inverse * (dy * weight - x * inverse² * mean(dy * weight * x)).
 * 0 dy, 1 x, 2 weight, 3 inverseRms, 4 dx, 5 rows, 6 width, 7 whether to add to dx.
 */
export function rmsNormBackwardItem(item: i32): void {
	const width = int(6);
	const whole = width & ~3;
	const last = min(int(5), (item + 1) * ROWS_PER_ITEM);
	const weight = pointer(2);
	const accumulate = int(7) != 0;
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const offset = (<usize>row * width) << 2;
		const dy = pointer(0) + offset;
		const x = pointer(1) + offset;
		const dx = pointer(4) + offset;
		const inverse = load<f32>(pointer(3) + (row << 2));
		const mean = dot(dy, x, weight, width) / <f64>width;
		const pull = <f32>(<f64>inverse * <f64>inverse * <f64>inverse * mean);
		const scale = f32x4.splat(inverse);
		const pulls = f32x4.splat(-pull);
		for (let i = 0; i < whole; i += 4) {
			const at = <usize>i << 2;
			const direct = f32x4.mul(f32x4.mul(v128.load(dy + at), v128.load(weight + at)), scale);
			let result = madd(v128.load(x + at), pulls, direct);
			if (accumulate) result = f32x4.add(result, v128.load(dx + at));
			v128.store(dx + at, result);
		}
		for (let i = whole; i < width; i++) {
			const at = <usize>i << 2;
			const direct = load<f32>(dy + at) * load<f32>(weight + at) * inverse;
			const result = direct - load<f32>(x + at) * pull;
			store<f32>(dx + at, accumulate ? result + load<f32>(dx + at) : result);
		}
	}
}

@inline
function columnPart(from: usize, count: i32): v128 {
	return count >= 4 ? v128.load(from) : loadPart(from, count, 0);
}

/**
 * Sum over rows of dy (* x * inverseRms) for four columns, in blocks of 64 rows so that the rounding error
 * does not grow with the number of rows.
 */
function columnSum(at: usize, count: i32, rows: i32, stride: usize): v128 {
	let total = f32x4.splat(0);
	for (let first = 0; first < rows; first += 64) {
		let block = f32x4.splat(0);
		const last = min(rows, first + 64);
		for (let row = first; row < last; row++) {
			const offset = <usize>row * stride + at;
			let value = columnPart(pointer(0) + offset, count);
			if (pointer(1)) {
				const inverse = v128.load32_splat(pointer(2) + (row << 2));
				value = f32x4.mul(f32x4.mul(value, columnPart(pointer(1) + offset, count)), inverse);
			}
			block = f32x4.add(block, value);
		}
		total = f32x4.add(total, block);
	}
	return total;
}

/** Task: 16 columns. 0 dy, 1 x or 0, 2 inverseRms or 0, 3 to, 4 rows, 5 width, 6 whether to add. */
export function columnSumsItem(item: i32): void {
	const width = int(5);
	const last = min(width, (item + 1) * COLUMNS_PER_ITEM);
	for (let column = item * COLUMNS_PER_ITEM; column < last; column += 4) {
		const count = min(4, width - column);
		const at = <usize>column << 2;
		const to = pointer(3) + at;
		let total = columnSum(at, count, int(4), <usize>width << 2);
		if (int(6)) total = f32x4.add(total, columnPart(to, count));
		if (count == 4) v128.store(to, total);
		else storePart(to, total, count);
	}
}

/** Task: 0 table, 1 indices, 2 to, 3 rows, 4 width. */
export function gatherItem(item: i32): void {
	const bytes = <usize>int(4) << 2;
	const last = min(int(3), (item + 1) * ROWS_PER_ITEM);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const index = <usize>load<i32>(pointer(1) + (row << 2));
		memory.copy(pointer(2) + <usize>row * bytes, pointer(0) + index * bytes, bytes);
	}
}

/** Task, one item (later rows overwrite earlier ones): 0 target, 1 indices, 2 rows, 3 count, 4 width. */
export function writeRowsItem(): void {
	const bytes = <usize>int(4) << 2;
	for (let row = 0; row < int(3); row++) {
		const index = load<i32>(pointer(1) + (row << 2));
		if (index < 0) continue;
		memory.copy(pointer(0) + <usize>index * bytes, pointer(2) + <usize>row * bytes, bytes);
	}
}

/** Task: 16 columns of every row, rows in order. 0 target, 1 indices, 2 dy, 3 rows, 4 width. */
export function scatterAddItem(item: i32): void {
	const width = int(4);
	const first = item * COLUMNS_PER_ITEM;
	const last = min(width, first + COLUMNS_PER_ITEM);
	for (let row = 0; row < int(3); row++) {
		const index = load<i32>(pointer(1) + (row << 2));
		if (index < 0) continue;
		const to = pointer(0) + ((<usize>index * width) << 2);
		const from = pointer(2) + ((<usize>row * width) << 2);
		let column = first;
		for (; column + 4 <= last; column += 4) {
			const at = <usize>column << 2;
			v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
		}
		for (; column < last; column++) {
			const at = <usize>column << 2;
			store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
		}
	}
}

/** Task: 0 x, 1 to, 2 rows, 3 width. */
export function argmaxItem(item: i32): void {
	const width = int(3);
	const last = min(int(2), (item + 1) * ROWS_PER_ITEM);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const x = pointer(0) + ((<usize>row * width) << 2);
		let best = load<f32>(x);
		let where = 0;
		for (let i = 1; i < width; i++) {
			const value = load<f32>(x + (<usize>i << 2));
			if (value > best) {
				best = value;
				where = i;
			}
		}
		store<i32>(pointer(1) + (row << 2), where);
	}
}
