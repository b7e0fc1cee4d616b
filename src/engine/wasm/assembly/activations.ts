// Gated activations, forward and backward.
import { int, pointer } from './parallel';
import { madd, read, sigmoid, write } from './simd';

/** Must equal the constant of the same meaning in ../rowOps.ts. */
const ELEMENTS_PER_ITEM = 8192;

/** Task: silu(gate) * up. 0 gate, 1 up, 2 to, 3 size. */
export function swigluItem(item: i32): void {
	const size = int(3);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const gate = read(pointer(0) + at, size - i);
		const silu = f32x4.mul(gate, sigmoid(gate));
		write(pointer(2) + at, f32x4.mul(silu, read(pointer(1) + at, size - i)), size - i);
	}
}

/** Task: gate and up become their gradients. 0 dOut, 1 gate, 2 up, 3 size. */
export function swigluBackwardItem(item: i32): void {
	const size = int(3);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const one = f32x4.splat(1);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const dOut = read(pointer(0) + at, size - i);
		const gate = read(pointer(1) + at, size - i);
		const up = read(pointer(2) + at, size - i);
		const s = sigmoid(gate);
		const slope = f32x4.mul(s, madd(gate, f32x4.sub(one, s), one));
		write(pointer(1) + at, f32x4.mul(f32x4.mul(dOut, up), slope), size - i);
		write(pointer(2) + at, f32x4.mul(dOut, f32x4.mul(gate, s)), size - i);
	}
}

/** 2 sqrt(2 / pi), and the cubic term of GELU by the tangent. */
const TWICE: f32 = 1.5957691216;
const CUBIC: f32 = 0.044715;

/** (1 + tanh(u)) / 2 = sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x³), of |x| <= 30: beyond, the cube would overflow. */
@inline
function share(x: v128): v128 {
	const inner = madd(f32x4.mul(x, x), f32x4.splat(CUBIC), f32x4.splat(1));
	return sigmoid(f32x4.mul(f32x4.mul(x, f32x4.splat(TWICE)), inner));
}

@inline
function clamped(x: v128): v128 {
	return f32x4.min(f32x4.max(x, f32x4.splat(-30)), f32x4.splat(30));
}

/** Task: gelu(gate) * up. 0 gate, 1 up, 2 to, 3 size. */
export function gegluItem(item: i32): void {
	const size = int(3);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const gate = read(pointer(0) + at, size - i);
		const gelu = f32x4.mul(gate, share(clamped(gate)));
		write(pointer(2) + at, f32x4.mul(gelu, read(pointer(1) + at, size - i)), size - i);
	}
}

/** Task: gate and up become their gradients; gelu' = s + x s (1 - s) 2 u', s the share. 0 dOut, 1 gate, 2 up, 3 size. */
export function gegluBackwardItem(item: i32): void {
	const size = int(3);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const one = f32x4.splat(1);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const dOut = read(pointer(0) + at, size - i);
		const gate = read(pointer(1) + at, size - i);
		const up = read(pointer(2) + at, size - i);
		const x = clamped(gate);
		const s = share(x);
		const inner = madd(f32x4.mul(x, x), f32x4.splat(3 * CUBIC), one);
		const bend = f32x4.mul(f32x4.mul(x, f32x4.mul(s, f32x4.sub(one, s))), f32x4.splat(TWICE));
		const slope = madd(bend, inner, s);
		write(pointer(1) + at, f32x4.mul(f32x4.mul(dOut, up), slope), size - i);
		write(pointer(2) + at, f32x4.mul(dOut, f32x4.mul(gate, s)), size - i);
	}
}
