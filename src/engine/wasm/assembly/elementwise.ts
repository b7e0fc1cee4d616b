// Kernels over elements: add, scale, axpby, dropout, sums of squares, AdamW.
import { float, int, pointer } from './parallel';
import { madd, promoteHigh, read, sum64, write } from './simd';

/** Elements of one item; a multiple of four, so that only the last item has a ragged end. */
const ELEMENTS_PER_ITEM = 8192;

/** Task: target += x. 0 target, 1 x, 2 size. */
export function addItem(item: i32): void {
	const size = int(2);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const target = pointer(0) + at;
		write(target, f32x4.add(read(target, size - i), read(pointer(1) + at, size - i)), size - i);
	}
}

/** Task: target = alpha * x + beta * target. 0 target, 1 x, 2 size, 3 alpha, 4 beta. */
export function axpbyItem(item: i32): void {
	const size = int(2);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const alpha = f32x4.splat(float(3));
	const beta = f32x4.splat(float(4));
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const target = pointer(0) + at;
		const x = read(pointer(1) + at, size - i);
		write(target, madd(x, alpha, f32x4.mul(read(target, size - i), beta)), size - i);
	}
}

/** Four counters' random bits: the generator of ../../random.ts, whose seed part is `key`. */
@inline
function randomBits(counter: v128, key: v128): v128 {
	let bits = v128.xor(i32x4.mul(counter, i32x4.splat(0x9e3779b1)), key);
	for (let round = 0; round < 2; round++) {
		bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 16)), i32x4.splat(0x85ebca6b));
		bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 13)), i32x4.splat(0xc2b2ae35));
		bits = v128.xor(bits, i32x4.shr_u(bits, 16));
	}
	return bits;
}

/** Task: x * factor where the element's bits reach the threshold, else 0. 0 x, 1 to, 2 size, 3 key, 4 threshold, 5 factor, 6 add. */
export function dropoutItem(item: i32): void {
	const size = int(2);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const key = i32x4.splat(int(3));
	const threshold = i32x4.splat(int(4));
	const factor = f32x4.splat(float(5));
	const accumulate = int(6) != 0;
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		// Counters count from 1 inside.
		const bits = randomBits(i32x4.add(i32x4.splat(i), i32x4(1, 2, 3, 4)), key);
		const kept = i32x4.ge_u(bits, threshold);
		let y = v128.and(kept, f32x4.mul(read(pointer(0) + at, size - i), factor));
		const to = pointer(1) + at;
		if (accumulate) y = f32x4.add(y, read(to, size - i));
		write(to, y, size - i);
	}
}

/** Task: x *= factor. 0 x, 1 size, 2 factor. */
export function scaleItem(item: i32): void {
	const size = int(1);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const factor = f32x4.splat(float(2));
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = pointer(0) + (<usize>i << 2);
		write(at, f32x4.mul(read(at, size - i), factor), size - i);
	}
}

/** Task: the sum of squares of one item's elements, f64. 0 x, 1 size, 2 partial sums. */
export function squaresItem(item: i32): void {
	const size = int(1);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	let low = f64x2.splat(0);
	let high = f64x2.splat(0);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const x = read(pointer(0) + (<usize>i << 2), size - i);
		const a = f64x2.promote_low_f32x4(x);
		const b = promoteHigh(x);
		low = f64x2.add(low, f64x2.mul(a, a));
		high = f64x2.add(high, f64x2.mul(b, b));
	}
	store<f64>(pointer(2) + (<usize>item << 3), sum64(f64x2.add(low, high)));
}

/** Task, one item: the square root of the sum of partial sums, in order. 0 partial sums, 1 count, 2 to. */
export function normItem(): void {
	let total: f64 = 0;
	for (let i = 0; i < int(1); i++) total += load<f64>(pointer(0) + (<usize>i << 3));
	store<f32>(pointer(2), <f32>sqrt<f64>(total));
}

/**
 * Task: AdamW in torch's order of operations. 0 parameter, 1 gradient, 2 m, 3 v, 4 size, 5 clipping
 * factor, 6 1 - beta1, 7 beta2, 8 1 - beta2, 9 epsilon, 10 1 - lr * weightDecay, 11 lr / (1 - beta1^step) (times
 * slot 10 where the decay comes after the step), 12 1 / sqrt(1 - beta2^step).
 */
export function adamWItem(item: i32): void {
	const size = int(4);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const factor = f32x4.splat(float(5));
	const newShare = f32x4.splat(float(6));
	const beta2 = f32x4.splat(float(7));
	const newSquare = f32x4.splat(float(8));
	const epsilon = f32x4.splat(float(9));
	const decay = f32x4.splat(float(10));
	const rate = f32x4.splat(-float(11));
	const correction = f32x4.splat(float(12));
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const left = size - i;
		const g = f32x4.mul(read(pointer(1) + at, left), factor);
		const oldM = read(pointer(2) + at, left);
		const m = madd(f32x4.sub(g, oldM), newShare, oldM);
		const v = madd(f32x4.mul(g, g), newSquare, f32x4.mul(read(pointer(3) + at, left), beta2));
		const denominator = madd(f32x4.sqrt(v), correction, epsilon);
		const p = f32x4.mul(read(pointer(0) + at, left), decay);
		write(pointer(2) + at, m, left);
		write(pointer(3) + at, v, left);
		write(pointer(0) + at, madd(f32x4.div(m, denominator), rate, p), left);
	}
}
