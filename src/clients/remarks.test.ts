import { expect, test } from 'vitest';
import type { MetricRow } from '../contract/evaluation.ts';
import { remarks } from './remarks.ts';

const row: MetricRow = {
	...{ task: 'exam', subject: 'Jawa', metric: 'accuracy', weights: 'base' },
	...{ mean: 0.5, sd: 0, runs: 3, count: 100, shortened: 0 },
};
const overlap = { items: 100, repeated: 0, shown: 0, trained: null };

test('nothing is said where there is nothing to say', () => {
	expect(remarks([row, { ...row, overlap }])).toEqual([]);
});

test('items that are known from elsewhere are counted, once for all numbers about them', () => {
	const told = { ...row, overlap: { ...overlap, repeated: 2, shown: 12 } };
	expect(remarks([told, { ...told, weights: 'adapted' }])).toEqual([
		'exam, Jawa: 2 of 100 items are the same as one before them',
		'exam, Jawa: 12 of 100 items also occur among the examples; none is shown with itself',
	]);
	expect(remarks([{ ...row, overlap: { ...overlap, trained: 5 } }])).toEqual([
		'exam, Jawa: 5 of 100 items stand in rows that the run was trained on',
	]);
	expect(remarks([{ ...row, overlap: { ...overlap, trained: 0 } }])).toEqual([]);
});

test('one of them is told as one', () => {
	const one = { ...row, overlap: { items: 6, repeated: 1, shown: 1, trained: 1 } };
	expect(remarks([one])).toEqual([
		'exam, Jawa: 1 of 6 items is the same as one before it',
		'exam, Jawa: 1 of 6 items also occurs among the examples; it is not shown with itself',
		'exam, Jawa: 1 of 6 items stands in a row that the run was trained on',
	]);
	expect(remarks([{ ...row, shortened: 1 }])).toEqual([
		'exam, Jawa: 1 of 300 prompts was shortened to fit the context',
	]);
	expect(remarks([{ ...row, metric: 'loss-per-token', shortened: 1 }])).toEqual([
		'exam, Jawa: 1 text was longer than the context; its end was left out',
	]);
});

test('cuts are counted over all repetitions, those of the items themselves apart', () => {
	expect(remarks([{ ...row, shortened: 7 }])).toEqual([
		'exam, Jawa: 7 of 300 prompts were shortened to fit the context',
	]);
	expect(remarks([{ ...row, shortened: 7, cutItems: 1 }])).toEqual([
		'exam, Jawa: 7 of 300 prompts were shortened to fit the context; in 1 of them the item itself was cut',
	]);
	expect(remarks([{ ...row, metric: 'loss-per-token', shortened: 2 }])).toEqual([
		'exam, Jawa: 2 texts were longer than the context; their end was left out',
	]);
});
