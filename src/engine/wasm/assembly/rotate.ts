// Rotary position embedding in the rotate-half layout.
import { float, int, pointer, scratch } from './parallel';

const ROWS_PER_ITEM = 16;

/** Taylor series on |r| <= pi / 4: below 1e-9 off, so that the f32 result is correctly rounded but for ties. */
@inline
function sine(r: v128, z: v128): v128 {
	let y = f64x2.splat(-2.505210838544172e-8);
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(2.755731922398589e-6));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(-1.984126984126984e-4));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(8.333333333333333e-3));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(-0.16666666666666666));
	return f64x2.add(f64x2.mul(f64x2.mul(y, z), r), r);
}

@inline
function cosine(z: v128): v128 {
	let y = f64x2.splat(2.08767569878681e-9);
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(-2.755731922398589e-7));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(2.48015873015873e-5));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(-1.3888888888888889e-3));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(4.1666666666666664e-2));
	y = f64x2.add(f64x2.mul(y, z), f64x2.splat(-0.5));
	return f64x2.add(f64x2.mul(y, z), f64x2.splat(1));
}

/** Puts sine and cosine of one angle into its quadrant and stores them. */
@inline
function place(quadrant: i32, s: f64, c: f64, direction: f32, sines: usize, cosines: usize): void {
	const swapped = (quadrant & 1) != 0;
	const sin = (swapped ? c : s) * (quadrant & 2 ? -1 : 1);
	const cos = (swapped ? s : c) * ((quadrant + 1) & 2 ? -1 : 1);
	store<f32>(sines, <f32>sin * direction);
	store<f32>(cosines, <f32>cos);
}

/** Sines and cosines of position * frequency (rounded to f32, as Hugging Face does) for one row. */
function table(position: f32, frequencies: usize, half: i32, sines: usize, cosines: usize): void {
	const direction = float(6);
	for (let i = 0; i < half; i += 2) {
		const at = <usize>i << 2;
		const both = i + 1 < half;
		const first = position * load<f32>(frequencies + at);
		const second = both ? position * load<f32>(frequencies + at, 4) : 0;
		const x = f64x2.replace_lane(f64x2.splat(<f64>first), 1, <f64>second);
		const n = f64x2.nearest(f64x2.mul(x, f64x2.splat(0.6366197723675814)));
		let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.5707963267341256)));
		r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(6.077100506506192e-11)));
		const z = f64x2.mul(r, r);
		const s = sine(r, z);
		const c = cosine(z);
		const a = <i32>f64x2.extract_lane(n, 0);
		place(a, f64x2.extract_lane(s, 0), f64x2.extract_lane(c, 0), direction, sines + at, cosines + at);
		if (!both) continue;
		const b = <i32>f64x2.extract_lane(n, 1);
		place(b, f64x2.extract_lane(s, 1), f64x2.extract_lane(c, 1), direction, sines + at + 4, cosines + at + 4);
	}
}

/** Task: 0 x, 1 positions, 2 inverse frequencies, 3 rows, 4 width, 5 headDim / 2, 6 direction, 7-8 scratch. */
export function rotateItem(item: i32): void {
	const width = int(4);
	const half = int(5);
	const halfBytes = <usize>half << 2;
	const whole = half & ~3;
	const sines = scratch(7);
	const cosines = sines + halfBytes;
	const last = min(int(3), (item + 1) * ROWS_PER_ITEM);
	for (let row = item * ROWS_PER_ITEM; row < last; row++) {
		const position = <f32>load<i32>(pointer(1) + (row << 2));
		table(position, pointer(2), half, sines, cosines);
		const x = pointer(0) + ((<usize>row * width) << 2);
		for (let head = 0; head < width; head += 2 * half) {
			const low = x + (<usize>head << 2);
			const high = low + halfBytes;
			for (let i = 0; i < whole; i += 4) {
				const at = <usize>i << 2;
				const a = v128.load(low + at);
				const b = v128.load(high + at);
				const s = v128.load(sines + at);
				const c = v128.load(cosines + at);
				v128.store(low + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
				v128.store(high + at, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
			}
			for (let i = whole; i < half; i++) {
				const at = <usize>i << 2;
				const a = load<f32>(low + at);
				const b = load<f32>(high + at);
				const s = load<f32>(sines + at);
				const c = load<f32>(cosines + at);
				store<f32>(low + at, a * c - b * s);
				store<f32>(high + at, b * c + a * s);
			}
		}
	}
}
