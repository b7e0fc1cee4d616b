import { expect, test } from 'vitest';
import type { MetricRow } from '../contract/evaluation.ts';
import { clearlyAbove, measuredColumns, scoresOf, wordScore } from './demoScores.ts';

const row = (
	task: string,
	mean: number,
	count: number,
	more: Partial<MetricRow> = {},
): MetricRow => ({
	task,
	subject: 'Javanese to English',
	metric: 'exact-match',
	weights: 'adapted',
	mean,
	sd: null,
	runs: 1,
	count,
	shortened: 0,
	...more,
});

test('a score weighs the language pairs of a task by their items', () => {
	const rows = [
		row('words-comprehension', 0.5, 30),
		row('words-comprehension', 1, 10, { subject: 'Javanese to German' }),
		row('words-comprehension', 0.1, 40, { metric: 'token-f1' }),
		row('words-production', 0.25, 8),
	];
	expect(wordScore(scoresOf(rows), 'understands')).toEqual({ mean: 0.625, count: 40 });
	expect(wordScore(scoresOf(rows), 'speaks')).toEqual({ mean: 0.25, count: 8 });
	expect(Object.keys(scoresOf(rows))).toEqual(['words-comprehension', 'words-production']);
});

test('only measured tasks become columns, in the order of the table', () => {
	const one = [row('words-known', 1, 20)];
	const other = [
		row('words-production', 0.2, 20),
		row('sentiment', 0.4, 9, { metric: 'accuracy' }),
	];
	expect(measuredColumns([one, other].map(scoresOf)).map(({ task }) => task)).toEqual([
		'words-production',
		'words-known',
	]);
});

test('clearly above: more than chance and more than nothing', () => {
	const of = (mean: number, count: number) => ({ mean, count });
	expect(clearlyAbove(of(0.9, 80), of(0.3, 80))).toBe(true);
	expect(clearlyAbove(of(0.3, 80), of(0.9, 80))).toBe(false);
	expect(clearlyAbove(of(0.55, 40), of(0.45, 40))).toBe(false);
	expect(clearlyAbove(of(0.55, 4000), of(0.45, 4000))).toBe(true);
	expect(clearlyAbove(of(0.52, 1e6), of(0.5, 1e6))).toBe(false);
	// One item each: right against wrong says nothing.
	expect(clearlyAbove(of(1, 1), of(0, 1))).toBe(false);
});
