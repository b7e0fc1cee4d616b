/** The step of `npm run bench -- slice` in a small model: same code, other sizes. */
import { expect, test } from 'vitest';
import type { ModelConfig } from '../contract/model.ts';
import { onEveryBackend } from './kernels/backends.ts';
import { createReferenceOps } from './reference/ops.ts';
import { llama2Slice, sliceCases, sliceErrors, sliceStep } from './slice.ts';

const config: ModelConfig = {
	...llama2Slice,
	...{ hiddenSize: 128, intermediateSize: 344, heads: 4, keyValueHeads: 4, headDim: 32 },
	vocabularySize: 1000,
};

onEveryBackend(
	'a step of two layers',
	(ops) => {
		test.each(sliceCases)('$name is that of plain floats, in the bytes forecast', async (slice) => {
			const before = ops().memory().tensors;
			const found = await sliceStep(ops(), config, slice, false);
			expect(ops().memory().tensors, 'tensors left over').toBe(before);
			const expected = await sliceStep(createReferenceOps(), config, slice, true);
			const errors = sliceErrors(found, expected);
			expect(errors.loss).toBeLessThan(1e-5);
			expect(errors.gradientNorm).toBeLessThan(1e-4);
			expect(errors.moved).toBeLessThan(2e-2);
			const { forecast, measured } = found;
			// The frequencies of the rotation are no parameters.
			expect(measured.weights).toBe(forecast.weights + (4 * config.headDim) / 2);
			expect(measured.total / forecast.total).toBeGreaterThan(0.98);
			expect(measured.total / forecast.total).toBeLessThan(1.01);
		});
	},
	['reference', 'webgpu'],
);
