import { expect, test } from 'vitest';
import { macroF1 } from './macroF1.ts';
import { sequenceF1 } from './sequenceF1.ts';
import { meanAndSd } from './spread.ts';

test('macroF1 of three classes, worked out by hand', () => {
	const gold = ['n', 'n', 'n', 'p', 'p', 'u'];
	const predicted = ['n', 'n', 'p', 'p', 'u', 'n'];
	// n: TP 2, FP 1, FN 1 -> 4/6; p: TP 1, FP 1, FN 1 -> 2/4; u: TP 0 -> 0.
	expect(macroF1(gold, predicted, ['n', 'p', 'u'])).toBeCloseTo((4 / 6 + 2 / 4 + 0) / 3, 12);
	expect(macroF1(gold, gold, ['n', 'p', 'u'])).toBe(1);
});

test('macroF1 counts a class that occurs nowhere as 0', () => {
	expect(macroF1(['a', 'a'], ['a', 'a'], ['a', 'b'])).toBe(0.5);
});

test('macroF1 of as many classes as lines', () => {
	const gold = Array.from({ length: 200_000 }, (_, index) => `l${index}`);
	expect(macroF1(gold, gold, gold)).toBe(1);
	expect(
		macroF1(
			gold,
			gold.map(() => 'l0'),
			gold,
		),
	).toBeCloseTo(2 / 200_001 / 200_000, 15);
});

test('meanAndSd divides by n - 1, and knows no spread of one value', () => {
	const { mean, sd } = meanAndSd([1, 2, 6]);
	expect(mean).toBe(3);
	expect(sd).toBeCloseTo(Math.sqrt((4 + 1 + 9) / 2), 12);
	expect(meanAndSd([4])).toEqual({ mean: 4, sd: null });
});

test('sequenceF1 of the longest common subsequence, worked out by hand', () => {
	const f1 = (given: string, expected: string) =>
		sequenceF1(Array.from(given), Array.from(expected));
	// "abd" is common: 3 of 5 given and of 4 expected.
	expect(f1('axbcd', 'abdy')).toBeCloseTo((2 * 3) / (5 + 4), 12);
	// Order counts: of "ab" and "ba" one token is common.
	expect(f1('ab', 'ba')).toBe(0.5);
	expect(f1('aab', 'ab')).toBeCloseTo(4 / 5, 12);
	expect([f1('same', 'same'), f1('', 'x'), f1('x', ''), f1('', '')]).toEqual([1, 0, 0, 1]);
});
