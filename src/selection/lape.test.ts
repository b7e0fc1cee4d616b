import { expect, test } from 'vitest';
import { languageNeurons, lapeScores } from './lape.ts';

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
