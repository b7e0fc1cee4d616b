// f32x4 helpers shared by all kernels. One source gives two builds: with and without relaxed SIMD.

/** a * b + c; fused where the build may use relaxed SIMD and the processor can. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) {
		return f32x4.relaxed_madd(a, b, c);
	} else {
		return f32x4.add(f32x4.mul(a, b), c);
	}
}

/** Sum of the four lanes, pairwise. */
@inline
export function sum(x: v128): f32 {
	const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
	return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Sum of both f64 lanes. */
@inline
export function sum64(x: v128): f64 {
	return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The upper two f32 lanes as f64. */
@inline
export function promoteHigh(x: v128): v128 {
	return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** Loads `count` (1 to 3) floats, the other lanes are `fill`. */
@inline
export function loadPart(from: usize, count: i32, fill: f32): v128 {
	let x = f32x4.replace_lane(f32x4.splat(fill), 0, load<f32>(from));
	if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(from, 4));
	if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(from, 8));
	return x;
}

/** Stores the first `count` (1 to 3) lanes. */
@inline
export function storePart(to: usize, x: v128, count: i32): void {
	store<f32>(to, f32x4.extract_lane(x, 0));
	if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
	if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

/** Four elements, or the `count` that are left and zeros. */
@inline
export function read(from: usize, count: i32): v128 {
	return count >= 4 ? v128.load(from) : loadPart(from, count, 0);
}

@inline
export function write(to: usize, x: v128, count: i32): void {
	if (count >= 4) v128.store(to, x);
	else storePart(to, x, count);
}

/**
 * e^x, at most 1 ulp off: x = n ln 2 + r with n an integer, a polynomial for e^r (Cephes expf), then times
 * 2^n in two factors so that both ends of the range come out right. NaN stays NaN.
 */
@inline
export function exp(value: v128): v128 {
	const x = f32x4.min(f32x4.max(value, f32x4.splat(-104)), f32x4.splat(89));
	const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
	let r = madd(n, f32x4.splat(-0.693359375), x);
	r = madd(n, f32x4.splat(2.12194440e-4), r);
	let y = f32x4.splat(1.9875691500e-4);
	y = madd(y, r, f32x4.splat(1.3981999507e-3));
	y = madd(y, r, f32x4.splat(8.3334519073e-3));
	y = madd(y, r, f32x4.splat(4.1665795894e-2));
	y = madd(y, r, f32x4.splat(1.6666665459e-1));
	y = madd(y, r, f32x4.splat(5.0000001201e-1));
	y = madd(y, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
	const exponent = i32x4.trunc_sat_f32x4_s(n);
	const half = i32x4.shr_s(exponent, 1);
	const bias = i32x4.splat(127);
	const low = i32x4.shl(i32x4.add(half, bias), 23);
	const high = i32x4.shl(i32x4.add(i32x4.sub(exponent, half), bias), 23);
	return f32x4.mul(f32x4.mul(y, low), high);
}

/** 1 / (1 + e^-x). */
@inline
export function sigmoid(x: v128): v128 {
	const one = f32x4.splat(1);
	return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** Natural logarithm in f64 by the series of artanh; the library's one would put its table into low memory. */
export function log(x: f64): f64 {
	if (!(x > 0) || x == Infinity) return x == 0 ? -Infinity : x < 0 ? NaN : x;
	const bits = reinterpret<i64>(x);
	let exponent = <i32>((bits >> 52) & 0x7ff) - 1023;
	let mantissa = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
	if (mantissa > 1.4142135623730951) {
		mantissa *= 0.5;
		exponent += 1;
	}
	const s = (mantissa - 1) / (mantissa + 1);
	const z = s * s;
	let series: f64 = 0;
	for (let odd = 21; odd > 0; odd -= 2) series = series * z + 1 / <f64>odd;
	return <f64>exponent * 0.6931471805599453 + 2 * s * series;
}
