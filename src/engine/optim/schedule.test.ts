import { expect, test } from 'vitest';
import { scheduleFactor } from './schedule.ts';

const at = (kind: 'constant' | 'linear' | 'cosine' | 'huggingface-linear', steps: number[]) =>
	steps.map((step) => scheduleFactor({ kind, warmupSteps: 10 }, step, 100));

test('warm-up times decay', () => {
	expect(at('constant', [0, 4, 9, 99])).toEqual([0.1, 0.5, 1, 1]);
	expect(at('linear', [0, 9, 50, 99])).toEqual([0.1, 0.91, 0.5, 1 - 0.99]);
	expect(at('cosine', [50])[0]).toBeCloseTo(0.5, 12);
	expect(scheduleFactor({ kind: 'linear', warmupSteps: 0 }, 0, 100)).toBe(1);
});

test('the transformers schedule starts at zero and ends one step before zero', () => {
	expect(at('huggingface-linear', [0, 5, 10, 55, 99])).toEqual([0, 0.5, 1, 0.5, 1 / 90]);
});
