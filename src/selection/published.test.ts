import { expect, test } from 'vitest';
import type { ModelConfig } from '../contract/model.ts';
import { publishedModel, publishedScores } from './published.ts';

test('exponents of Llama-2-7B rank its layers as published', () => {
	const { scores, ranking, languages } = publishedScores('heavy-tail');
	expect(scores).toHaveLength(32);
	expect([scores[0], scores[20], scores[31]].map((score) => score?.toFixed(3))).toEqual([
		'2.136',
		'4.334',
		'3.483',
	]);
	expect(ranking.slice(0, 8)).toEqual([20, 30, 21, 27, 22, 24, 28, 23]);
	expect(ranking.slice(-3)).toEqual([1, 11, 0]);
	expect(languages).toEqual([]);
});

test('language-specific neurons of Llama-2-7B rank its layers as published', () => {
	const { scores, ranking, languages } = publishedScores('lape');
	expect(scores.slice(0, 4)).toEqual([744, 113, 7, 0]);
	expect(scores.at(-1)).toBe(141);
	expect(ranking.slice(0, 8)).toEqual([0, 26, 24, 25, 22, 23, 27, 30]);
	const totals = languages.map(({ neurons }) => neurons.reduce((sum, count) => sum + count, 0));
	expect(totals).toEqual([583, 1022, 1068, 838]);
});

test('they are for models of its shape alone', () => {
	const shape = { family: 'llama', layers: 32, hiddenSize: 4096, intermediateSize: 11008 };
	expect(publishedModel(shape as ModelConfig)).toBe(true);
	for (const other of [
		{ layers: 40 },
		{ hiddenSize: 5120 },
		{ intermediateSize: 14336 },
		{ family: 'mistral' },
	])
		expect(publishedModel({ ...shape, ...other } as ModelConfig)).toBe(false);
});
