import { expect, test } from 'vitest';
import { createRandom } from '../engine/random.ts';
import { drawOrder, firstWithout } from './draws.ts';

test('every number but the excepted one is equally likely to come early, and first', () => {
	const counts = Array<number>(6).fill(0);
	const firsts = Array<number>(6).fill(0);
	const random = createRandom(11);
	for (let round = 0; round < 3000; round++) {
		const order = drawOrder(6, 2, random);
		expect([...order].sort()).toEqual([0, 1, 3, 4, 5]);
		for (const index of order.slice(0, 3)) counts[index]! += 1;
		firsts[order[0]!]! += 1;
	}
	expect(counts[2]).toBe(0);
	for (const index of [0, 1, 3, 4, 5]) {
		// Binomial with p = 3/5 and 1/5: five standard deviations.
		expect(Math.abs(counts[index]! - 1800)).toBeLessThan(5 * Math.sqrt(3000 * 0.6 * 0.4));
		expect(Math.abs(firsts[index]! - 600)).toBeLessThan(5 * Math.sqrt(3000 * 0.2 * 0.8));
	}
	expect(drawOrder(4, null, random).sort()).toEqual([0, 1, 2, 3]);
});

test('what is left out makes room for the next of the order', () => {
	expect(firstWithout([3, 1, 0, 2], 2, new Set())).toEqual([3, 1]);
	expect(firstWithout([3, 1, 0, 2], 2, new Set([1, 7]))).toEqual([3, 0]);
	expect(firstWithout([3, 1], 2, new Set([1]))).toEqual([3]);
});
