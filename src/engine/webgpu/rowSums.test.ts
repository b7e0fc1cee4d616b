// Kernels that add up rows, with sums of subgroups and without, against the slow backend.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { dynamicMaps } from '../kernels/adamW8bit/dynamicMaps.ts';
import { packedBlock, packedShape } from '../kernels/adamW8bit/layout.ts';
import { expectClose, take, wave } from '../kernels/backends.ts';
import type { AdamWStep, Ops } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { createWebGpuOps } from './ops.ts';

const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
const adapter = await gpu?.requestAdapter();
const present = (subgroups: boolean) =>
	adapter != null && (!subgroups || adapter.features.has('subgroups'));

const step: AdamWStep = {
	...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
	...{ decay: 'after', step: 1, clipNorm: 1 },
};

describe.each([
	['subgroups', true],
	['a tree', false],
] as const)('sums by %s', (_, subgroups) => {
	describe.skipIf(!present(subgroups))('on webgpu', () => {
		let device: Ops;
		beforeAll(async () => {
			device = await createWebGpuOps({ variant: 'tiled', subgroups, compileAhead: false });
		});
		afterAll(() => {
			device.dispose();
		});

		const compare = async (run: (ops: Ops) => Promise<readonly ArrayLike<number>[]>) => {
			const expected = await run(createReferenceOps());
			const found = await run(device);
			for (const [i, values] of expected.entries()) expectClose(found[i]!, values, 3e-6);
		};

		// Fewer elements than threads, odd, many per thread.
		test.each([
			[1, 3],
			[5, 47],
			[9, 1000],
		])('%i rows of %i', async (rows, width) => {
			await compare(async (ops) => {
				const x = ops.upload(wave(rows * width, 1), [rows, width]);
				const logits = ops.upload(wave(rows * width, 2), [rows, width]);
				const weight = ops.upload(wave(width, 3), [width]);
				const bias = ops.upload(wave(width, 4), [width]);
				const { y, inverseRms } = ops.rmsNorm(x, weight, 1e-5);
				const labels = ops.upload(
					Int32Array.from({ length: rows }, (__, r) => (r % 3 === 1 ? -1 : r % width)),
					[rows],
				);
				const losses = await take(ops, ops.crossEntropy(logits, labels, 0.5));
				return [
					await ops.read(y),
					await ops.read(inverseRms),
					await take(ops, ops.rmsNormBackward(x, y, weight, inverseRms)),
					await take(ops, ops.layerNorm(x, weight, bias, 1e-5)),
					await take(ops, ops.globalNorm([x, y])),
					losses,
					await ops.read(logits),
				];
			});
		});

		test('an update with 8-bit states', async () => {
			const size = 256 * 5 + 17;
			const maps = dynamicMaps();
			const shape = packedShape(size);
			await compare(async (ops) => {
				const parameter = ops.upload(wave(size, 1), [size]);
				const gradient = ops.upload(wave(size, 2), [size]);
				const norm = ops.globalNorm([gradient]);
				const states = ops.upload(new Int32Array(shape[0] * shape[1]), shape);
				ops.adamW8bit(parameter, gradient, states, ops.upload(maps, [maps.length]), norm, step);
				const packed = await ops.readIntegers(states);
				const largest = Array.from(
					{ length: 6 },
					(__, block) => packedBlock(packed, block).largest,
				);
				return [await ops.read(parameter), largest.flatMap((pair) => [...pair])];
			});
		});
	});
});
