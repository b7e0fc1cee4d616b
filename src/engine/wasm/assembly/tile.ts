// The inner matrix product: a tile of 6 x 8 sums in twelve registers, so that with two vectors of B and one
// value of A everything fits the fifteen registers V8 leaves on x86-64. Not unrolled over k: the compiler then
// loads ahead and spills.
import { madd } from './simd';

/**
 * c = base + bias + sum over k of a[k, 0..5] * b[k, 0..7], for packed panels a and b. `base` and `bias` may
 * be 0 (absent); strides are in bytes. Sums start at zero and run over rising k, whatever the tile.
 */
export function tile(
	depth: i32,
	a: usize,
	b: usize,
	c: usize,
	stride: usize,
	base: usize,
	baseStride: usize,
	bias: usize,
): void {
	let c00 = f32x4.splat(0);
	let c01 = f32x4.splat(0);
	let c10 = f32x4.splat(0);
	let c11 = f32x4.splat(0);
	let c20 = f32x4.splat(0);
	let c21 = f32x4.splat(0);
	let c30 = f32x4.splat(0);
	let c31 = f32x4.splat(0);
	let c40 = f32x4.splat(0);
	let c41 = f32x4.splat(0);
	let c50 = f32x4.splat(0);
	let c51 = f32x4.splat(0);
	let b0: v128, b1: v128, x: v128;
	for (let k = depth; k > 0; k -= 1) {
		b0 = v128.load(b, 0);
		b1 = v128.load(b, 16);
		x = v128.load32_splat(a, 0);
		c00 = madd(x, b0, c00);
		c01 = madd(x, b1, c01);
		x = v128.load32_splat(a, 4);
		c10 = madd(x, b0, c10);
		c11 = madd(x, b1, c11);
		x = v128.load32_splat(a, 8);
		c20 = madd(x, b0, c20);
		c21 = madd(x, b1, c21);
		x = v128.load32_splat(a, 12);
		c30 = madd(x, b0, c30);
		c31 = madd(x, b1, c31);
		x = v128.load32_splat(a, 16);
		c40 = madd(x, b0, c40);
		c41 = madd(x, b1, c41);
		x = v128.load32_splat(a, 20);
		c50 = madd(x, b0, c50);
		c51 = madd(x, b1, c51);
		a += 24;
		b += 32;
	}
	if (bias) {
		b0 = v128.load(bias);
		b1 = v128.load(bias, 16);
		c00 = f32x4.add(c00, b0);
		c01 = f32x4.add(c01, b1);
		c10 = f32x4.add(c10, b0);
		c11 = f32x4.add(c11, b1);
		c20 = f32x4.add(c20, b0);
		c21 = f32x4.add(c21, b1);
		c30 = f32x4.add(c30, b0);
		c31 = f32x4.add(c31, b1);
		c40 = f32x4.add(c40, b0);
		c41 = f32x4.add(c41, b1);
		c50 = f32x4.add(c50, b0);
		c51 = f32x4.add(c51, b1);
	}
	if (base) {
		c00 = f32x4.add(c00, v128.load(base));
		c01 = f32x4.add(c01, v128.load(base, 16));
		base += baseStride;
		c10 = f32x4.add(c10, v128.load(base));
		c11 = f32x4.add(c11, v128.load(base, 16));
		base += baseStride;
		c20 = f32x4.add(c20, v128.load(base));
		c21 = f32x4.add(c21, v128.load(base, 16));
		base += baseStride;
		c30 = f32x4.add(c30, v128.load(base));
		c31 = f32x4.add(c31, v128.load(base, 16));
		base += baseStride;
		c40 = f32x4.add(c40, v128.load(base));
		c41 = f32x4.add(c41, v128.load(base, 16));
		base += baseStride;
		c50 = f32x4.add(c50, v128.load(base));
		c51 = f32x4.add(c51, v128.load(base, 16));
	}
	v128.store(c, c00);
	v128.store(c, c01, 16);
	c += stride;
	v128.store(c, c10);
	v128.store(c, c11, 16);
	c += stride;
	v128.store(c, c20);
	v128.store(c, c21, 16);
	c += stride;
	v128.store(c, c30);
	v128.store(c, c31, 16);
	c += stride;
	v128.store(c, c40);
	v128.store(c, c41, 16);
	c += stride;
	v128.store(c, c50);
	v128.store(c, c51, 16);
}
