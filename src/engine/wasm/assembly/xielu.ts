// xIELU, forward and backward (../../kernels/xielu/xielu.reference.ts).
import { float, int, pointer } from './parallel';
import { exp, madd, promoteHigh, read, sum64, write } from './simd';

/** Must equal the constants of the same meaning in ../rowOps.ts. */
const ROWS_PER_ITEM = 16;
const ELEMENTS_PER_ITEM = 8192;

@inline
function softplus(from: usize): f64 {
	const a = <f64>load<f32>(from);
	return a > 30 ? a : Math.log1p(Math.exp(a));
}

@inline
function logistic(from: usize): f64 {
	return 1 / (1 + Math.exp(-(<f64>load<f32>(from))));
}

/** e^x - 1 - x where x <= 0: near 0 the difference would lose its digits. */
@inline
function bend(x: v128): v128 {
	let series = f32x4.splat(0.0001984127);
	series = madd(series, x, f32x4.splat(0.0013888889));
	series = madd(series, x, f32x4.splat(0.0083333333));
	series = madd(series, x, f32x4.splat(0.041666667));
	series = madd(series, x, f32x4.splat(0.16666667));
	series = madd(series, x, f32x4.splat(0.5));
	series = f32x4.mul(series, f32x4.mul(x, x));
	const far = f32x4.sub(f32x4.sub(exp(x), f32x4.splat(1)), x);
	return v128.bitselect(series, far, f32x4.gt(x, f32x4.splat(-0.5)));
}

/** Task: 0 x, 1 alphaP, 2 alphaN, 3 to, 4 size, 5 beta, 6 epsilon. */
export function xieluItem(item: i32): void {
	const size = int(4);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const beta = f32x4.splat(float(5));
	const epsilon = f32x4.splat(float(6));
	const p = f32x4.splat(<f32>softplus(pointer(1)));
	const n = f32x4.splat(<f32>(<f64>float(5) + softplus(pointer(2))));
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const x = read(pointer(0) + at, size - i);
		const low = f32x4.min(x, epsilon);
		const negative = f32x4.mul(n, f32x4.add(bend(low), f32x4.sub(low, x)));
		const positive = f32x4.mul(p, f32x4.mul(x, x));
		const y = v128.bitselect(positive, negative, f32x4.gt(x, f32x4.splat(0)));
		write(pointer(3) + at, madd(x, beta, y), size - i);
	}
}

/** Task: dOut becomes dx. 0 dOut, 1 x, 2 alphaP, 3 alphaN, 4 size, 5 beta. */
export function xieluBackwardItem(item: i32): void {
	const size = int(4);
	const last = min(size, (item + 1) * ELEMENTS_PER_ITEM);
	const beta = f32x4.splat(float(5));
	const p = f32x4.splat(<f32>(2 * softplus(pointer(2))));
	const n = f32x4.splat(<f32>(<f64>float(5) + softplus(pointer(3))));
	for (let i = item * ELEMENTS_PER_ITEM; i < last; i += 4) {
		const at = <usize>i << 2;
		const x = read(pointer(1) + at, size - i);
		const low = f32x4.min(x, f32x4.splat(0));
		const negative = f32x4.mul(n, f32x4.add(bend(low), low));
		const slope = v128.bitselect(f32x4.mul(p, x), negative, f32x4.gt(x, f32x4.splat(0)));
		const dOut = read(pointer(0) + at, size - i);
		write(pointer(0) + at, f32x4.mul(dOut, f32x4.add(slope, beta)), size - i);
	}
}

/** Task: what each row adds to the alphas' gradients. 0 dOut, 1 x, 2 alphaP, 3 alphaN, 4 of P, 5 of N, 6 rows, 7 width, 8 epsilon. */
export function xieluAlphasItem(item: i32): void {
	const width = int(7);
	const last = min(int(6), (item + 1) * ROWS_PER_ITEM);
	const epsilon = f32x4.splat(float(8));
	const zero = f32x4.splat(0);
	const ofP = logistic(pointer(2));
	const ofN = logistic(pointer(3));
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const offset = (<usize>row * width) << 2;
		let sumP = f64x2.splat(0);
		let sumN = f64x2.splat(0);
		for (let i = 0; i < width; i += 4) {
			const at = offset + (<usize>i << 2);
			const x = read(pointer(1) + at, width - i);
			const dOut = read(pointer(0) + at, width - i);
			const low = f32x4.min(x, epsilon);
			const isPositive = f32x4.gt(x, zero);
			const p = v128.and(isPositive, f32x4.mul(dOut, f32x4.mul(x, x)));
			const bent = f32x4.add(bend(low), f32x4.sub(low, x));
			// Past the end of the row dOut is 0.
			const n = v128.andnot(f32x4.mul(dOut, bent), isPositive);
			sumP = f64x2.add(sumP, f64x2.add(f64x2.promote_low_f32x4(p), promoteHigh(p)));
			sumN = f64x2.add(sumN, f64x2.add(f64x2.promote_low_f32x4(n), promoteHigh(n)));
		}
		store<f32>(pointer(4) + (<usize>row << 2), <f32>(sum64(sumP) * ofP));
		store<f32>(pointer(5) + (<usize>row << 2), <f32>(sum64(sumN) * ofN));
	}
}
