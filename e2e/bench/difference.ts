/** Largest difference of two results of one computation. */

/** Relative to the largest of `ones`; NaN where either has one, or where all of `ones` are zero and prove nothing. */
export function difference(ones: ArrayLike<number>, others: ArrayLike<number>): number {
	let scale = 0;
	let error = 0;
	for (let i = 0; i < ones.length; i++) {
		const one = ones[i] ?? NaN;
		scale = Math.max(scale, Math.abs(one));
		// Math.max keeps a NaN, which no comparison would.
		error = Math.max(error, Math.abs(one - (others[i] ?? NaN)));
	}
	return error / scale;
}
