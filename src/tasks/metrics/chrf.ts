/** chrF and chrF++ as sacrebleu 2.6 computes them (Popović 2015, 2017). */
import { countAll, type Counts, countMatches, countNgrams, splitWords } from './ngrams.ts';

/** `chrf`: n-grams of 1 to 6 characters; `chrf++`: of 1 and 2 words, too. */
export type ChrfKind = 'chrf' | 'chrf++';

const CHARACTER_ORDERS = [1, 2, 3, 4, 5, 6];
const wordOrders: Record<ChrfKind, readonly number[]> = { chrf: [], 'chrf++': [1, 2] };

/** Recall counts twice as much as precision. */
const BETA = 2;

/** What the numbers depend on, in sacrebleu's words. */
export const chrfSignature = (kind: ChrfKind): string =>
	`nrefs:1|case:mixed|eff:yes|nc:6|nw:${wordOrders[kind].length}|space:no|version:2.6.0`;

/** N-grams of one order: given, expected, and common to both. */
export interface Overlap {
	readonly given: number;
	readonly expected: number;
	readonly matches: number;
}

export interface ChrfScores {
	/** Of all n-grams of the corpus together. */
	readonly corpus: number;
	/** Of each translation by itself. */
	readonly sentences: readonly number[];
}

/** What one translation has in common with its reference, order by order. */
export function chrfOverlaps(kind: ChrfKind, text: string, reference: string): readonly Overlap[] {
	const own = allNgrams(kind, text);
	const expected = allNgrams(kind, reference);
	return own.map((counts, at) => overlap(counts, expected[at] ?? new Map()));
}

/**
 * Of translations with one reference each, in the same order; in [0, 100]. With precision P and recall R, each the mean
 * over the orders of which both sides have n-grams: 100 * 5 P R / (4 P + R), 0 where both are 0.
 */
export function chrf(
	kind: ChrfKind,
	given: readonly string[],
	expected: readonly string[],
): ChrfScores {
	return chrfOf(given.map((text, index) => chrfOverlaps(kind, text, expected[index] ?? '')));
}

/** The same of overlaps that were counted before. */
export function chrfOf(overlaps: readonly (readonly Overlap[])[]): ChrfScores {
	const sums = (overlaps[0] ?? []).map((_, at) => {
		const sum = { given: 0, expected: 0, matches: 0 };
		for (const orders of overlaps) {
			sum.given += orders[at]?.given ?? 0;
			sum.expected += orders[at]?.expected ?? 0;
			sum.matches += orders[at]?.matches ?? 0;
		}
		return sum;
	});
	return { corpus: score(sums), sentences: overlaps.map(score) };
}

/** Per order the n-grams of characters without white space, then those of words. */
function allNgrams(kind: ChrfKind, text: string): Counts[] {
	const characters = Array.from(splitWords(text).join(''));
	const words = splitMarks(text);
	return [
		...CHARACTER_ORDERS.map((order) => countNgrams(characters, order)),
		...wordOrders[kind].map((order) => countNgrams(words, order)),
	];
}

const isMark = (character: string | undefined) =>
	character !== undefined && /^[!-/:-@[-`{-~]$/.test(character);

/** Words, with one ASCII mark at the end, or else at the beginning, as a word of its own. */
function splitMarks(text: string): string[] {
	return splitWords(text).flatMap((word) => {
		const letters = Array.from(word);
		if (letters.length === 1) return [word];
		const [first, last] = [letters[0] ?? '', letters.at(-1) ?? ''];
		if (isMark(last)) return [word.slice(0, -1), last];
		return isMark(first) ? [first, word.slice(1)] : [word];
	});
}

function overlap(given: Counts, expected: Counts): Overlap {
	return {
		// Where the reference is too short for this order, what is given is not held against it.
		given: expected.size > 0 ? countAll(given) : 0,
		expected: countAll(expected),
		matches: countMatches(given, expected),
	};
}

function score(orders: readonly Overlap[]): number {
	const counted = orders.filter((one) => one.given > 0 && one.expected > 0);
	if (counted.every(({ matches }) => matches === 0)) return 0;
	const mean = (part: (one: Overlap) => number) =>
		counted.reduce((sum, one) => sum + part(one), 0) / counted.length;
	const precision = mean((one) => one.matches / one.given);
	const recall = mean((one) => one.matches / one.expected);
	const factor = BETA ** 2;
	return (100 * (1 + factor) * precision * recall) / (factor * precision + recall);
}
