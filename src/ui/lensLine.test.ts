import { expect, test } from 'vitest';
import { bandOf, lensFrame, lineOf } from './lensLine.ts';

const frame = lensFrame(152, 134, 3, 1);

test('layers go from left to right, values from the bottom to the top', () => {
	expect(lineOf(frame, [0, 0.5, 1])).toBe('M44.0 110.0L86.0 60.0L128.0 10.0');
	expect(lineOf(frame, [7, -1])).toBe('M44.0 10.0L86.0 110.0');
});

test('the band is 1.96 standard errors wide on both sides', () => {
	const curve = { mean: [0.5, 0.5], sd: [1, 0] };
	expect(bandOf(frame, curve, 196)).toBe('M44.0 46.0L86.0 60.0L86.0 60.0L44.0 74.0Z');
});
