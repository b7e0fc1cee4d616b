/** Inverted dropout (Srivastava et al. 2014) with a counter-based mask. */
import { randomBits } from '../../random.ts';

/** x / (1 - rate) where the random bits of (seed, i) are at least rate · 2^32, else 0. */
export function dropout(x: ArrayLike<number>, rate: number, seed: number): Float32Array {
	return Float32Array.from({ length: x.length }, (_, i) =>
		randomBits(seed, i) >= Math.round(rate * 2 ** 32) ? x[i]! / (1 - rate) : 0,
	);
}
