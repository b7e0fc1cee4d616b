import { describe, expect, test } from 'vitest';
import type { StepEvent } from '../contract/training.ts';
import { append, secondsLeft, smoothed, tokensPerSecond } from './series.ts';

const at = (step: number, loss: number, seconds = 0.5): StepEvent => ({
	step,
	loss,
	gradientNorm: 1 + step,
	learningRate: 1e-3,
	tokens: 1024,
	seconds,
});

describe('append', () => {
	test('adds at the end and leaves the old array alone', () => {
		const before = [at(0, 6), at(1, 5)];
		expect(append(before, [at(2, 4)]).map(({ loss }) => loss)).toEqual([6, 5, 4]);
		expect(before).toHaveLength(2);
	});
	test('replaces what a resumed run repeats', () => {
		const before = [at(0, 6), at(1, 5), at(2, 4), at(3, 3)];
		expect(append(before, [at(2, 4.5), at(3, 3.5)]).map(({ loss }) => loss)).toEqual([
			6, 5, 4.5, 3.5,
		]);
	});
	test('returns the same series for no steps', () => {
		const before = [at(0, 6)];
		expect(append(before, [])).toBe(before);
	});
});

describe('speed', () => {
	test('is tokens over seconds of the last updates only', () => {
		const series = [at(0, 6, 100), at(1, 5, 0.5), at(2, 4, 1.5)];
		expect(tokensPerSecond(series, 2)).toBe(1024);
		expect(tokensPerSecond([])).toBeNull();
	});
	test('the time left ignores one slow update and ends at zero', () => {
		const series = [at(0, 6, 30), at(1, 5, 2), at(2, 4, 2)];
		expect(secondsLeft(series, 10)).toBe(14);
		expect(secondsLeft(series, 3)).toBe(0);
		expect(secondsLeft([], 3)).toBeNull();
	});
});

test('smoothing starts at the first loss and follows later ones', () => {
	const line = smoothed([at(0, 6), at(1, 2), at(2, 2)], 0.5);
	expect(line[0]).toBeCloseTo(6);
	expect(line[1]).toBeCloseTo((0.25 * 6 + 0.5 * 2) / 0.75);
	expect(line[2]).toBeGreaterThan(2);
	expect(line[2]).toBeLessThan(line[1]!);
});
