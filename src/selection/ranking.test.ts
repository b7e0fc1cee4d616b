import { expect, test } from 'vitest';
import { bestLayers, rankLayers } from './ranking.ts';

test('largest first, of equal ones the lower layer', () => {
	expect(rankLayers([2, 5, 2, 9, 5])).toEqual([3, 1, 4, 0, 2]);
});

test('the best layers come in the order of the model', () => {
	expect(bestLayers([3, 1, 4, 0, 2], 3)).toEqual([1, 3, 4]);
	expect(bestLayers([1, 0], 2)).toEqual([0, 1]);
	expect(() => bestLayers([1, 0], 3)).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message: "k = 3 is more than the model's 2 layers; choose less",
		}),
	);
});
