// Kernels of encoders: layer normalisation and GELU by the error function.
import { float, int, pointer } from './parallel';
import { exp, loadPart, madd, promoteHigh, storePart, sum64 } from './simd';

/** Must equal the constants of the same meaning in ../rowOps.ts. */
const ROWS_PER_ITEM = 16;
const ELEMENTS_PER_ITEM = 8192;

/** Task: 0 x, 1 weight, 2 bias, 3 y, 4 rows, 5 width, 6 epsilon. */
export function layerNormItem(item: i32): void {
	const width = int(5);
	const whole = width & ~3;
	const last = min(int(4), (item + 1) * ROWS_PER_ITEM);
	const weight = pointer(1);
	const bias = pointer(2);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const offset = (<usize>row * width) << 2;
		const x = pointer(0) + offset;
		const y = pointer(3) + offset;
		let low = f64x2.splat(0);
		let high = f64x2.splat(0);
		for (let i = 0; i < whole; i += 4) {
			const values = v128.load(x + (<usize>i << 2));
			low = f64x2.add(low, f64x2.promote_low_f32x4(values));
			high = f64x2.add(high, promoteHigh(values));
		}
		let total = sum64(f64x2.add(low, high));
		for (let i = whole; i < width; i++) total += <f64>load<f32>(x + (<usize>i << 2));
		const mean = total / <f64>width;
		const means = f64x2.splat(mean);
		low = f64x2.splat(0);
		high = f64x2.splat(0);
		for (let i = 0; i < whole; i += 4) {
			const values = v128.load(x + (<usize>i << 2));
			const a = f64x2.sub(f64x2.promote_low_f32x4(values), means);
			const b = f64x2.sub(promoteHigh(values), means);
			low = f64x2.add(low, f64x2.mul(a, a));
			high = f64x2.add(high, f64x2.mul(b, b));
		}
		let squares = sum64(f64x2.add(low, high));
		for (let i = whole; i < width; i++) {
			const centred = <f64>load<f32>(x + (<usize>i << 2)) - mean;
			squares += centred * centred;
		}
		const scale = <f32>(1 / sqrt<f64>(squares / <f64>width + <f64>float(6)));
		const centre = <f32>mean;
		const scales = f32x4.splat(scale);
		const centres = f32x4.splat(centre);
		for (let i = 0; i < whole; i += 4) {
			const at = <usize>i << 2;
			const normal = f32x4.mul(f32x4.sub(v128.load(x + at), centres), scales);
			v128.store(y + at, madd(normal, v128.load(weight + at), v128.load(bias + at)));
		}
		for (let i = whole; i < width; i++) {
			const at = <usize>i << 2;
			const normal = (load<f32>(x + at) - centre) * scale;
			store<f32>(y + at, normal * load<f32>(weight + at) + load<f32>(bias + at));
		}
	}
}

/**
 * Phi(-|x|) = erfc(|x| / sqrt 2) / 2 by the Chebyshev fit of Press et al., Numerical Recipes, 6.2 (relative error
 * below 1.2e-7); beyond |x| = 14 it is 0 in float32.
 */
@inline
function tail(x: v128): v128 {
	const z = f32x4.mul(f32x4.min(f32x4.abs(x), f32x4.splat(14)), f32x4.splat(0.70710678));
	const t = f32x4.div(f32x4.splat(1), madd(z, f32x4.splat(0.5), f32x4.splat(1)));
	let p = f32x4.splat(0.17087277);
	p = madd(p, t, f32x4.splat(-0.82215223));
	p = madd(p, t, f32x4.splat(1.48851587));
	p = madd(p, t, f32x4.splat(-1.13520398));
	p = madd(p, t, f32x4.splat(0.27886807));
	p = madd(p, t, f32x4.splat(-0.18628806));
	p = madd(p, t, f32x4.splat(0.09678418));
	p = madd(p, t, f32x4.splat(0.37409196));
	p = madd(p, t, f32x4.splat(1.00002368));
	p = madd(p, t, f32x4.splat(-1.26551223));
	const share = exp(f32x4.sub(p, f32x4.mul(z, z)));
	return f32x4.mul(f32x4.mul(t, share), f32x4.splat(0.5));
}

/** Task: x * Phi(x). 0 x, 1 to, 2 size. */
export function geluItem(item: i32): void {
	const size = int(2);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const one = f32x4.splat(1);
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const left = size - i;
		const x = left >= 4 ? v128.load(pointer(0) + at) : loadPart(pointer(0) + at, left, 0);
		const share = tail(x);
		const negative = f32x4.lt(x, f32x4.splat(0));
		const phi = v128.bitselect(share, f32x4.sub(one, share), negative);
		const y = f32x4.mul(x, phi);
		if (left >= 4) v128.store(pointer(1) + at, y);
		else storePart(pointer(1) + at, y, left);
	}
}
