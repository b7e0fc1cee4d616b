// Gradient and update in one where a matrix is larger than one binding, and states are split within a row.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamicMaps } from '../kernels/adamW8bit/dynamicMaps.ts';
import { dequantise, packedShape } from '../kernels/adamW8bit/layout.ts';
import { expectClose, take, wave } from '../kernels/backends.ts';
import type { Ops } from '../ops.ts';
import { createWebGpuOps, type WebGpuOps } from './ops.ts';

const hasGpu = typeof navigator !== 'undefined' && 'gpu' in navigator;
const [tokens, width, outputs] = [5, 768, 520];
const size = width * outputs;
/** Windows of 256 rows; of the 1560 blocks of states, three a row, 1280 lie in the first. */
const largestBinding = 4 * 768 * 256;
const step = {
	...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
	...({ decay: 'before', step: 1, rounding: { seed: 9 } } as const),
};

/** Both updates of a matrix in bf16 with random rounding, which counts elements over all windows. */
async function updates({ fused, ...ops }: Ops): Promise<Float32Array[]> {
	const start = wave(size, 1).map((value) => Math.round(16 * value) / 16);
	const [a, b] = [1, 2].map(() => ops.uploadWeight(start, [outputs, width], 'bf16'));
	const dy = ops.upload(wave(tokens * outputs, 2), [tokens, outputs]);
	const x = ops.upload(wave(tokens * width, 3), [tokens, width]);
	const [m, v] = [ops.zeros([outputs, width]), ops.zeros([outputs, width])];
	const shape = packedShape(size);
	const states = ops.upload(new Int32Array(shape[0] * shape[1]), shape);
	const maps = ops.upload(dynamicMaps(), [512]);
	const norm = ops.zeros([1]);
	const norms = [
		fused!.linearAdamW(a!, dy, x, m, v, norm, step),
		fused!.linearAdamW8bit(b!, dy, x, states, maps, norm, step),
	].map((parts) => {
		const whole = ops.globalNorm([parts]);
		ops.release(parts);
		return whole;
	});
	const moments = dequantise(await ops.readIntegers(states), dynamicMaps(), size);
	const results = [moments.m, moments.v];
	for (const tensor of [a!, b!, m, v, ...norms]) results.push(await take(ops, tensor));
	ops.release(dy, x, states, maps, norm);
	return results;
}

describe.skipIf(!hasGpu).each([true, false])('subgroups %s', (subgroups) => {
	let whole: WebGpuOps;
	let split: WebGpuOps;
	beforeAll(async () => {
		whole = await createWebGpuOps({ subgroups, compileAhead: false });
		split = await createWebGpuOps({ subgroups, largestBinding, compileAhead: false });
	});
	afterAll(() => {
		whole.dispose();
		split.dispose();
	});

	test('windows are updated as a whole', async () => {
		const found = await updates(split);
		expect(split.memory().tensors, 'tensors left over').toBe(0);
		const expected = await updates(whole);
		expect(found).toHaveLength(8);
		// The last two are norms, whose parts are added up in another order.
		for (const [i, values] of found.entries()) expectClose(values, expected[i]!, i < 6 ? 0 : 1e-6);
	});
});
