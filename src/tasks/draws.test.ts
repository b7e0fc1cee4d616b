import { expect, test } from 'vitest';
import { createRandom } from '../engine/random.ts';
import { drawOthers } from './draws.ts';

test('draws different numbers, never the one left out, each as likely as the others', () => {
	const random = createRandom(3);
	const counts = [0, 0, 0, 0, 0, 0];
	const firsts = [0, 0, 0, 0, 0, 0];
	for (let round = 0; round < 3000; round++) {
		const drawn = drawOthers(3, 6, 2, random);
		expect(new Set(drawn).size).toBe(3);
		for (const index of drawn) counts[index]!++;
		firsts[drawn[0]!]!++;
	}
	expect(counts[2]).toBe(0);
	for (const index of [0, 1, 3, 4, 5]) {
		// Binomial with p = 3/5 and 1/5: five standard deviations.
		expect(Math.abs(counts[index]! - 1800)).toBeLessThan(5 * Math.sqrt(3000 * 0.6 * 0.4));
		expect(Math.abs(firsts[index]! - 600)).toBeLessThan(5 * Math.sqrt(3000 * 0.2 * 0.8));
	}
	expect(drawOthers(4, 4, null, random).sort()).toEqual([0, 1, 2, 3]);
});
