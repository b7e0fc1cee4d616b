import { expect, test } from 'vitest';
import { languageNeurons, lapeScores, publishedRates } from './lape.ts';

test('a neuron of one language is found, one of all languages is not', () => {
	const width = 50;
	const language = (own: number, shared: number) =>
		[0, 1].map((layer) =>
			Uint32Array.from({ length: width }, (_, neuron) => {
				if (layer === 1 && neuron === own) return 90;
				return neuron === shared ? 95 : 5;
			}),
		);
	const counts = {
		active: [language(3, 40), language(7, 40), language(30, 40)],
		tokens: [100, 100, 100],
	};
	const neurons = languageNeurons(counts, { top: 0.03, filter: 0.95, bar: 0.95 });
	expect(neurons).toEqual([
		[[], [3]],
		[[], [7]],
		[[], [30]],
	]);
	expect(lapeScores(neurons)).toEqual([0, 3]);
});

test('probabilities count, not tokens; neurons that never fire are left alone', () => {
	// Twice the tokens, twice the activations: no difference between the languages.
	const active = [[Uint32Array.of(80, 10, 0, 10)], [Uint32Array.of(160, 20, 0, 40)]];
	const neurons = languageNeurons(
		{ active, tokens: [100, 200] },
		{ top: 1, filter: 0.5, bar: 0.5 },
	);
	expect(neurons).toEqual([[[0]], [[0, 3]]]);
});

/** One layer of neurons, each active at so many of ten tokens. */
const tenths = (...languages: (readonly number[])[]) => ({
	active: languages.map((active) => [Uint32Array.from(active)]),
	tokens: languages.map(() => 10),
});

test('a probability must be above the shares of all, not equal to them', () => {
	// In order: 0 0 1 1 3 3 9 9; three quarters are up to 3, a quarter up to 0.
	const counts = tenths([9, 1, 3, 0], [1, 9, 3, 0]);
	expect(languageNeurons(counts, { top: 1, filter: 0.75, bar: 0.75 })).toEqual([[[0]], [[1]]]);
	expect(languageNeurons(counts, { top: 1, filter: 0.75, bar: 0.25 })).toEqual([
		[[0, 1]],
		[[0, 1]],
	]);
});

test('those of least entropy are selected: of one language alone first, of equal ones the lower layer', () => {
	const rates = (top: number) => ({ top, filter: 0, bar: 0 });
	const first = (top: number) =>
		languageNeurons(tenths([9, 9, 9], [9, 0, 5]), { ...rates(top), filter: 1 / 6, bar: 1 / 6 });
	expect(first(1 / 3)).toEqual([[[1]], [[]]]);
	expect(first(2 / 3)).toEqual([[[1, 2]], [[2]]]);
	const layers = [Uint32Array.of(8, 2), Uint32Array.of(8, 2)];
	const other = [Uint32Array.of(2, 8), Uint32Array.of(2, 8)];
	const equal = { active: [layers, other], tokens: [10, 10] };
	const bars = { filter: 1 / 8, bar: 1 / 2 };
	expect(languageNeurons(equal, { top: 1 / 2, ...bars })).toEqual([
		[[0], []],
		[[1], []],
	]);
	expect(languageNeurons(equal, { top: 3 / 4, ...bars })).toEqual([
		[[0], [0]],
		[[1], []],
	]);
});

test('the published shares', () => {
	expect(publishedRates).toEqual({ top: 0.01, filter: 0.95, bar: 0.95 });
});
