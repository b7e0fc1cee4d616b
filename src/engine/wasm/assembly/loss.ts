// Cross entropy over rows of logits, with the gradient written in place.
import { float, int, pointer } from './parallel';
import { exp, loadPart, log, promoteHigh, storePart, sum64 } from './simd';

const ROWS_PER_ITEM = 4;

/** Largest value of a row; NaN where there is one. */
function largest(x: usize, width: i32): f32 {
	let most = f32x4.splat(-Infinity);
	for (let i = 0; i < width; i += 4) {
		const at = x + ((<usize>i) << 2);
		const count = width - i;
		most = f32x4.max(most, count >= 4 ? v128.load(at) : loadPart(at, count, -Infinity));
	}
	most = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
	return max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

/** Sum of e^(x - most) in f64; the terms replace x where `keep`. */
function exponentials(x: usize, width: i32, most: f32, keep: bool): f64 {
	let low = f64x2.splat(0);
	let high = f64x2.splat(0);
	const shift = f32x4.splat(most);
	for (let i = 0; i < width; i += 4) {
		const at = x + ((<usize>i) << 2);
		const count = width - i;
		const value = count >= 4 ? v128.load(at) : loadPart(at, count, -Infinity);
		const e = exp(f32x4.sub(value, shift));
		low = f64x2.add(low, f64x2.promote_low_f32x4(e));
		high = f64x2.add(high, promoteHigh(e));
		if (keep) {
			if (count >= 4) v128.store(at, e);
			else storePart(at, e, count);
		}
	}
	return sum64(f64x2.add(low, high));
}

function scaleRow(x: usize, width: i32, factor: f32): void {
	const factors = f32x4.splat(factor);
	const whole = width & ~3;
	for (let i = 0; i < whole; i += 4) {
		const at = x + ((<usize>i) << 2);
		v128.store(at, f32x4.mul(v128.load(at), factors));
	}
	for (let i = whole; i < width; i++) {
		const at = x + ((<usize>i) << 2);
		store<f32>(at, load<f32>(at) * factor);
	}
}

/** Task: 0 logits, 1 labels, 2 losses, 3 rows, 4 vocab, 5 gradient scale, 6 whether to write gradients. */
export function crossEntropyItem(item: i32): void {
	const width = int(4);
	const gradient = int(6) != 0;
	const last = min(int(3), (item + 1) * ROWS_PER_ITEM);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const x = pointer(0) + ((<usize>row * width) << 2);
		const label = load<i32>(pointer(1) + (row << 2));
		const loss = pointer(2) + (row << 2);
		if (label < 0) {
			store<f32>(loss, 0);
			if (gradient) memory.fill(x, 0, (<usize>width) << 2);
			continue;
		}
		const chosen = x + ((<usize>label) << 2);
		const most = largest(x, width);
		const behind = <f64>most - <f64>load<f32>(chosen);
		const total = exponentials(x, width, most, gradient);
		store<f32>(loss, <f32>(log(total) + behind));
		if (!gradient) continue;
		const scale = <f64>float(5);
		const target = (<f64>load<f32>(chosen) / total - 1) * scale;
		scaleRow(x, width, <f32>(scale / total));
		store<f32>(chosen, <f32>target);
	}
}
