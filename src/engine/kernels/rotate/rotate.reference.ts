/** Rotary position embedding (Su et al. 2021) in the rotate-half layout of Hugging Face. */

type Values = ArrayLike<number>;

/** Rotates pairs (i, i + half) of every head of x [rows, heads * headDim] by direction * position * inverseFrequency[i]. */
export function rotate(
	x: Values,
	positions: Values,
	inverseFrequency: Values,
	direction: 1 | -1,
): Float32Array {
	const half = inverseFrequency.length;
	const width = x.length / positions.length;
	const y = Float32Array.from(x);
	for (let r = 0; r < positions.length; r++)
		for (let head = 0; head < width; head += 2 * half)
			for (let i = 0; i < half; i++) {
				const angle = direction * positions[r]! * inverseFrequency[i]!;
				const [a, b] = [r * width + head + i, r * width + head + i + half];
				y[a] = x[a]! * Math.cos(angle) - x[b]! * Math.sin(angle);
				y[b] = x[b]! * Math.cos(angle) + x[a]! * Math.sin(angle);
			}
	return y;
}
