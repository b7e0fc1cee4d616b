/** A schedule never leaves [0, 1], and falls once it has risen. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scheduleFactor } from './schedule.ts';

const kinds = ['constant', 'linear', 'cosine', 'huggingface-linear'] as const;

test.each(kinds)('%s', (kind) => {
	const sizes = fc
		.integer({ min: 1, max: 300 })
		.chain((steps) => fc.tuple(fc.constant(steps), fc.nat(steps)));
	fc.assert(
		fc.property(sizes, ([steps, warmupSteps]) => {
			const factors = Array.from({ length: steps }, (_, step) =>
				scheduleFactor({ kind, warmupSteps }, step, steps),
			);
			expect(factors.every((factor) => factor >= 0 && factor <= 1)).toBe(true);
			const after = factors.slice(warmupSteps);
			for (const [at, factor] of after.slice(1).entries())
				expect(factor).toBeLessThanOrEqual(after[at]! + 1e-12);
		}),
	);
});
