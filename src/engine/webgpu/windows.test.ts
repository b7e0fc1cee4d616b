// Matrices larger than one binding: every operation gives what it gives for one that is whole.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamicMaps } from '../kernels/adamW8bit/dynamicMaps.ts';
import { dequantise, packedShape } from '../kernels/adamW8bit/layout.ts';
import { expectClose, take, wave } from '../kernels/backends.ts';
import { asStored } from '../kernels/weightFormats/formats.ts';
import { uploadParameter } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { createWebGpuOps } from './ops.ts';

const hasGpu = typeof navigator !== 'undefined' && 'gpu' in navigator;
/** Windows of 1536 rows of 24 floats, the last of 928; the 375 blocks of 8-bit states are split after 256. */
const largestBinding = 4 * 1536 * 24;
const [count, width] = [4000, 24];
const size = count * width;

describe.skipIf(!hasGpu).each(['regs', 'tiled'] as const)('windows, %s', (variant) => {
	let whole: Ops;
	let split: Ops;
	beforeAll(async () => {
		whole = await createWebGpuOps({ variant, compileAhead: false });
		split = await createWebGpuOps({ variant, largestBinding, compileAhead: false });
	});
	afterAll(() => {
		whole.dispose();
		split.dispose();
	});

	/** Runs on both; what is returned is released. */
	const compare = async (
		run: (ops: Ops) => Promise<readonly ArrayLike<number>[]>,
		tolerance = 0,
	) => {
		const before = split.memory().tensors;
		const actual = await run(split);
		expect(split.memory().tensors, 'tensors left over').toBe(before);
		const expected = await run(whole);
		actual.forEach((values, i) => {
			expectClose(values, expected[i]!, tolerance);
		});
	};

	test.each(['f32', 'bf16', 'int8', 'nf4'] as const)('a weight in %s', async (format) => {
		await compare(async (ops) => {
			const weight = ops.uploadWeight(wave(size, 1), [count, width], format);
			const x = ops.upload(wave(8 * width, 2), [8, width]);
			const bias = ops.upload(wave(count, 3), [count]);
			const residual = ops.upload(wave(8 * count, 4), [8, count]);
			const indices = ops.upload(Int32Array.of(0, 1535, 1536, 3999, 3071, 3072), [6]);
			const into = ops.upload(wave(8 * width, 5), [8, width]);
			const y = ops.linear(x, weight, { bias, residual });
			const copy = ops.copy(weight);
			ops.write(weight, wave(size, 6));
			const results = [
				await ops.read(y),
				await take(ops, ops.linear(x, weight)),
				await take(ops, ops.linearBackwardInput(y, weight)),
				await ops.read(ops.linearBackwardInput(y, weight, into)),
				await take(ops, ops.gatherRows(copy, indices)),
				await ops.read(copy, 36_800, 100),
				await take(ops, copy),
				await ops.read(weight),
			];
			ops.release(weight, x, bias, residual, indices, into, y);
			return results;
		}, 2e-6);
	});

	test('a gradient, its norm, and rows added to it', async () => {
		await compare(async (ops) => {
			const dy = ops.upload(wave(8 * count, 1), [8, count]);
			const x = ops.upload(wave(8 * width, 2), [8, width]);
			const gradient = ops.linearBackwardWeight(dy, x);
			ops.linearBackwardWeight(dy, x, gradient);
			const indices = ops.upload(Int32Array.of(0, 1535, 1536, -1, 3999, 0, 3071, 1536), [8]);
			const table = ops.zeros([count, width]);
			ops.scatterAddRows(table, indices, x);
			const results = [
				await take(ops, ops.globalNorm([gradient, table])),
				await take(ops, gradient),
				await ops.read(table),
			];
			ops.fill(table, 3);
			results.push(await take(ops, table));
			ops.release(dy, x, indices);
			return results;
		}, 2e-6);
	});

	test.each([
		['f32', undefined],
		['bf16', { seed: null }],
		['bf16', { seed: 9 }],
	] as const)('updates of a parameter in %s, %o', async (format, rounding) => {
		const step = {
			...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
			...({ decay: 'before', step: 1, clipNorm: null } as const),
			...(rounding && { rounding }),
		};
		const shape = packedShape(size);
		const maps = dynamicMaps();
		await compare(async (ops) => {
			const start = asStored(wave(size, 1), 'bf16');
			const parameters = [1, 2].map(() => ops.uploadWeight(start, [count, width], format));
			const [first, second] = parameters as [Tensor, Tensor];
			const gradient = ops.upload(wave(size, 2), [count, width]);
			const [m, v] = [ops.zeros([count, width]), ops.zeros([count, width])];
			const norm = ops.upload(Float32Array.of(1), [1]);
			const states = ops.upload(new Int32Array(shape[0] * shape[1]), shape);
			const map = ops.upload(maps, [maps.length]);
			for (const number of [1, 2]) {
				ops.adamW(first, gradient, m, v, norm, { ...step, step: number });
				ops.adamW8bit(second, gradient, states, map, norm, { ...step, step: number });
			}
			const moments = dequantise(await ops.readIntegers(states), maps, size);
			const results = [await ops.read(first), await ops.read(second), await ops.read(m)];
			ops.release(first, second, gradient, m, v, norm, states, map);
			return [...results, moments.m, moments.v];
		});
	});

	test('what no operation splits is refused, by name', () => {
		const x = split.zeros([count, width]);
		expect(() => split.swiglu(x, x)).toThrow(
			expect.objectContaining({
				name: 'OutOfMemory',
				message: expect.stringMatching(
					/\[4000, 24\] of 384000 bytes .* limit of 147456/,
				) as unknown,
			}),
		);
		split.release(x);
	});

	test('a matrix whose smallest window is too large is refused, with its name', () => {
		const [wide, name] = [[300, 150], 'lm_head.weight'];
		const before = split.memory();
		expect(() => uploadParameter(split, { name, shape: wide }, wave(45_000), 'f32')).toThrow(
			expect.objectContaining({
				name: 'OutOfMemory',
				message: expect.stringMatching(
					/^lm_head\.weight: .*\[300, 150\] of 180000 bytes .* limit of 147456/,
				) as unknown,
			}),
		);
		expect(split.memory()).toEqual(before);
	});
});
