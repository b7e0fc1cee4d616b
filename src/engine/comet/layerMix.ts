/** How COMET weighs the layers of its encoder (comet/modules/layerwise_attention.py). */

/** The weights of the layers, of their scalars; they sum to 1. */
export function layerWeights(
	scalars: ArrayLike<number>,
	transformation: 'sparsemax' | 'softmax',
): number[] {
	const z = Array.from(scalars);
	return transformation === 'sparsemax' ? sparsemax(z) : softmax(z);
}

/**
 * The nearest point of the simplex (Martins and Astudillo 2016, algorithm 1): max(z - tau, 0), where tau is set by the
 * K largest, K the most of them with 1 + K z_(K) > their sum.
 */
function sparsemax(z: readonly number[]): number[] {
	const descending = z.toSorted((a, b) => b - a);
	let sum = 0;
	let tau = 0;
	for (const [index, value] of descending.entries()) {
		sum += value;
		if (1 + (index + 1) * value > sum) tau = (sum - 1) / (index + 1);
	}
	return z.map((value) => Math.max(value - tau, 0));
}

function softmax(z: readonly number[]): number[] {
	const largest = Math.max(...z);
	const shares = z.map((value) => Math.exp(value - largest));
	const total = shares.reduce((sum, share) => sum + share, 0);
	return shares.map((share) => share / total);
}
