/** What commands say for people. */
import { expect, test } from 'vitest';
import type { TensorChange } from '../contract/training.ts';
import { receiptSummary, trainSummary } from './print.mjs';

const tensor = (name: string, trainable: boolean, moved: boolean): TensorChange => ({
	...{ name, trainable, change: moved ? 1 : 0, norm: 1 },
	...{ before: 'a', after: moved ? 'b' : 'a' },
});
const result = {
	run: 'r',
	status: 'finished',
	steps: 2,
	losses: [3, 2],
	results: [],
	data: { notes: [] },
};

test('a receipt names tensors that were to train and did not change', () => {
	const tensors = ['a', 'b', 'c', 'd'].map((name) => tensor(name, true, false));
	const receipt = {
		tensors: [...tensors, tensor('moved', true, true), tensor('frozen', false, false)],
		frozenUnchanged: true,
	};
	expect(receiptSummary(receipt).still).toEqual(['a', 'b', 'c', 'd']);
	expect(trainSummary({ ...result, receipt })).toContain(
		'4 of 5 tensors that were to train did NOT change: a, b, c, ...',
	);
});

test('a receipt of which every trainable tensor changed says nothing of it', () => {
	const receipt = {
		tensors: [tensor('moved', true, true), tensor('frozen', false, false)],
		frozenUnchanged: true,
	};
	expect(trainSummary({ ...result, receipt })).not.toContain('NOT');
});
