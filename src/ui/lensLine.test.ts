import { expect, test } from 'vitest';
import { bandOf, lensFrame, lineOf } from './lensLine.ts';

const frame = lensFrame(160, 134, 3, 1);

test('layers go from left to right, values from the bottom to the top', () => {
	expect(lineOf(frame, [0, 0.5, 1])).toBe('M52.0 110.0L94.0 60.0L136.0 10.0');
	expect(lineOf(frame, [7, -1])).toBe('M52.0 10.0L94.0 110.0');
});

test('the band is 1.96 standard errors wide on both sides', () => {
	const curve = { mean: [0.5, 0.5], sd: [1, 0] };
	expect(bandOf(frame, curve, 196)).toBe('M52.0 46.0L94.0 60.0L94.0 60.0L52.0 74.0Z');
});
