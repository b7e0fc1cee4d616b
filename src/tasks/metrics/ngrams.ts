/** What BLEU and chrF share: white space as Python sees it, and counts of n-grams. */

/** N-grams as text, and how often each occurs. */
export type Counts = ReadonlyMap<string, number>;

// Python's str.isspace: JavaScript's \s without the byte order mark, and with \x85 and the separators \x1c to \x1f.
const SEPARATORS = String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f);
const SPACES = new RegExp(`(?:[^\\S\\ufeff]|[\\x85${SEPARATORS}])+`, 'u');
const SPACE = new RegExp(`^${SPACES.source}$`, 'u');

/** The words between white space (Python's `split()`). */
export const splitWords = (text: string): string[] => text.split(SPACES).filter(Boolean);

/** Without white space at its end (Python's `rstrip()`). Not by a pattern: it would try every run of spaces anew. */
export function trimEnd(text: string): string {
	let end = text.length;
	while (end > 0 && SPACE.test(text.charAt(end - 1))) end--;
	return text.slice(0, end);
}

/** Counts of runs of `order` items; items must hold no NUL. */
export function countNgrams(items: readonly string[], order: number): Counts {
	const counts = new Map<string, number>();
	for (let at = 0; at + order <= items.length; at++) {
		const ngram = items.slice(at, at + order).join('\0');
		counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
	}
	return counts;
}

/** How many n-grams of `given` are in `expected`, each as often as it is there. */
export function countMatches(given: Counts, expected: Counts): number {
	let matches = 0;
	for (const [ngram, count] of given) matches += Math.min(count, expected.get(ngram) ?? 0);
	return matches;
}

/** How many n-grams there are, repetitions counted. */
export function countAll(counts: Counts): number {
	let total = 0;
	for (const count of counts.values()) total += count;
	return total;
}
