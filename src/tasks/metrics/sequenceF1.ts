/** How much of one sequence is in another, in order. */

/**
 * F1 of the longest common subsequence: with l its length, precision l / |given|, recall l / |expected|, so that
 * F1 = 2 l / (|given| + |expected|) (ROUGE-L, Lin 2004, with beta = 1). In [0, 1]; 1 where both are empty.
 */
export function sequenceF1<Item>(given: readonly Item[], expected: readonly Item[]): number {
	const total = given.length + expected.length;
	return total === 0 ? 1 : (2 * commonSubsequence(given, expected)) / total;
}

/** Length of the longest common subsequence, row by row. */
function commonSubsequence<Item>(a: readonly Item[], b: readonly Item[]): number {
	let before = new Array<number>(b.length + 1).fill(0);
	for (const item of a) {
		const now = [0];
		for (const [j, other] of b.entries()) {
			const longest = Math.max(before[j + 1] ?? 0, now[j] ?? 0);
			now.push(item === other ? (before[j] ?? 0) + 1 : longest);
		}
		before = now;
	}
	return before[b.length] ?? 0;
}
