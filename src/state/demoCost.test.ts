import { expect, test } from 'vitest';
import type { Selection } from '../contract/spec.ts';
import { aboutMinutes, pointCost, timeSideBySide } from './demoCost.ts';

const cost = (...stages: Selection[]) => pointCost({ stages }, 8);

test('the order of costs is that of the measured times', () => {
	const middle: Selection = {
		method: 'layers',
		layers: [3, 4],
		embedding: false,
		head: false,
		finalNorm: false,
	};
	const measured = [
		cost(),
		cost({ method: 'rear', k: 2 }),
		cost(middle),
		cost({ method: 'front', k: 2 }),
		cost({ method: 'full' }),
	];
	expect(measured).toEqual([...measured].sort((a, b) => a - b));
	expect(cost({ method: 'full' })).toBeCloseTo(1.2);
	expect(cost({ method: 'rear', k: 2 })).toBeCloseTo(0.7);
	expect(cost({ method: 'front', k: 2 }, { method: 'rear', k: 2 })).toBeCloseTo(1.45);
});

test('side by side, time is the share of each worker but never less than the longest piece', () => {
	expect(timeSideBySide([1, 1, 2], 2)).toBe(2);
	expect(timeSideBySide([1, 1, 1, 1, 2], 2)).toBe(3);
	expect(timeSideBySide([4, 1, 1], 8)).toBe(4);
	expect(timeSideBySide([], 2)).toBe(0);
});

test('minutes are said as people say them', () => {
	expect(aboutMinutes(20)).toBe('about a minute');
	expect(aboutMinutes(340)).toBe('about 6 minutes');
});
