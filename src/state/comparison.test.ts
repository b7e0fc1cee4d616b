import { expect, test } from 'vitest';
import type { MetricRow } from '../contract/evaluation.ts';
import { compare } from './comparison.ts';

const row = (change: Partial<MetricRow>): MetricRow => ({
	task: 'loss',
	subject: 'javanese',
	metric: 'loss-per-token',
	weights: 'base',
	mean: 6,
	sd: null,
	runs: 1,
	count: 900,
	shortened: 0,
	...change,
});

test('pairs base and adapted, lower loss is better, bars share the largest loss', () => {
	const [javanese, english] = compare([
		row({ mean: 6 }),
		row({ subject: 'english', mean: 4 }),
		row({ weights: 'adapted', mean: 2.5 }),
		row({ subject: 'english', weights: 'adapted', mean: 4.5 }),
	]);
	expect(javanese).toMatchObject({ subject: 'javanese', difference: -3.5, better: true, scale: 6 });
	expect(english).toMatchObject({ subject: 'english', difference: 0.5, better: false, scale: 6 });
});

test('higher F1 is better, on a scale of one', () => {
	const f1 = { task: 'sentiment', metric: 'macro-f1' } as const;
	const [sentiment] = compare([
		row({ ...f1, mean: 0.3, sd: 0.05, runs: 3 }),
		row({ ...f1, mean: 0.4, sd: 0.02, runs: 3, weights: 'adapted' }),
	]);
	expect(sentiment?.difference).toBeCloseTo(0.1);
	expect(sentiment).toMatchObject({ task: 'sentiment', better: true, scale: 1 });
});

test('without the adapted model there is no difference yet', () => {
	expect(compare([row({})])[0]).toMatchObject({ adapted: null, difference: null, better: null });
});
