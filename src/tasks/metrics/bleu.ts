/** BLEU of a corpus as sacrebleu 2.6 computes it by default (Papineni et al. 2002; Post 2018). */
import { countAll, countMatches, countNgrams, splitWords, trimEnd } from './ngrams.ts';

const ORDERS = [1, 2, 3, 4] as const;

/** What the numbers depend on, in sacrebleu's words. */
export const BLEU_SIGNATURE = 'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0';

/**
 * Of translations with one reference each, in the same order; in [0, 100]. With the clipped matches m_n and the totals
 * t_n of all n-grams of the corpus, n = 1..4: BP * exp(mean of ln(100 m_n / t_n)), BP = exp(1 - r / h) where the h words
 * given are fewer than the r of the references, else 1. The k-th order without a match counts as 100 / (2^k t_n); without
 * any match, or without a 4-gram, BLEU is 0.
 */
export function bleu(given: readonly string[], expected: readonly string[]): number {
	const ours = given.map(tokenize13a);
	const references = expected.map(tokenize13a);
	const orders = ORDERS.map((order) => {
		let [matches, total] = [0, 0];
		for (const [index, words] of ours.entries()) {
			const counts = countNgrams(words, order);
			matches += countMatches(counts, countNgrams(references[index] ?? [], order));
			total += countAll(counts);
		}
		return { matches, total };
	});
	if (orders.every(({ matches }) => matches === 0)) return 0;
	if (orders.some(({ total }) => total === 0)) return 0;
	let smoothing = 1;
	const logs = orders.map(({ matches, total }) => {
		if (matches === 0) smoothing *= 2;
		return Math.log((100 * (matches || 1 / smoothing)) / total);
	});
	const words = (texts: readonly string[][]) => texts.reduce((sum, { length }) => sum + length, 0);
	const brevity = Math.exp(Math.min(0, 1 - words(references) / words(ours)));
	return brevity * Math.exp(logs.reduce((sum, log) => sum + log, 0) / ORDERS.length);
}

/** Words and marks as WMT's mteval-v13a separates them. */
export function tokenize13a(text: string): string[] {
	const line = trimEnd(text)
		.replaceAll('<skipped>', '')
		.replaceAll('-\n', '')
		.replaceAll('\n', ' ')
		.replaceAll('&quot;', '"')
		.replaceAll('&amp;', '&')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>');
	const separated = ` ${line} `
		.replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
		// A dot or comma but between digits, and a dash after a digit, is a word of its own.
		.replace(/([^0-9])([.,])/gu, '$1 $2 ')
		.replace(/([.,])([^0-9])/gu, ' $1 $2')
		.replace(/([0-9])(-)/gu, '$1 $2 ');
	return splitWords(separated);
}
