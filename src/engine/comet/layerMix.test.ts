import { expect, test } from 'vitest';
import { layerWeights } from './layerMix.ts';

test.each([
	[
		[0, 0, 0],
		[1 / 3, 1 / 3, 1 / 3],
	],
	[
		[1, 0],
		[1, 0],
	],
	[
		[0.5, 0.1, -2],
		[0.7, 0.3, 0],
	],
	[
		[0.1, -2, 0.5],
		[0.3, 0, 0.7],
	],
	[
		[10, 0, 9.5],
		[0.75, 0, 0.25],
	],
	[[-3], [1]],
])('sparsemax of %j', (scalars, expected) => {
	const weights = layerWeights(scalars, 'sparsemax');
	for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(expected[i]!, 12);
});

test('sparsemax is the nearest point of the simplex', () => {
	const z = Array.from({ length: 25 }, (_, i) => Math.sin(i * 1.7) / 3);
	const nearest = layerWeights(z, 'sparsemax');
	const distance = (p: readonly number[]) => p.reduce((sum, x, i) => sum + (x - z[i]!) ** 2, 0);
	expect(nearest.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
	for (const [i, weight] of nearest.entries()) {
		expect(weight).toBeGreaterThanOrEqual(0);
		for (let j = 0; j < z.length; j++) {
			const step = Math.min(weight, 1e-3);
			const other = nearest.with(i, weight - step);
			other[j]! += step;
			expect(distance(other)).toBeGreaterThanOrEqual(distance(nearest) - 1e-12);
		}
	}
});

test('softmax', () => {
	const weights = layerWeights([0, Math.log(3)], 'softmax');
	expect(weights[0]).toBeCloseTo(0.25, 12);
	expect(weights[1]).toBeCloseTo(0.75, 12);
});
