// What only the WebGPU backend has: order with tfjs, errors of the device, the pool, the kernels for GPUs.
import { engine, findBackend, setBackend, square, tensor1d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectClose, take, wave } from '../kernels/backends.ts';
import type { AttentionShape, Ops } from '../ops.ts';
import { createWebGpuOps } from './ops.ts';

const hasGpu = typeof navigator !== 'undefined' && 'gpu' in navigator;
/** lavapipe's compiler takes minutes for long kernels with barriers, the first time. */
const lavapipe =
	hasGpu && /llvmpipe/.test((await navigator.gpu.requestAdapter())?.info.description ?? '');

describe.skipIf(!hasGpu)('webgpu backend', () => {
	let ops: Ops;
	beforeAll(async () => {
		ops = await createWebGpuOps();
	});
	afterAll(() => {
		ops.dispose();
	});

	test('a write keeps its place between encoded calls', async () => {
		const x = ops.upload(Float32Array.of(1, 2, 3, 4), [4]);
		const before = ops.copy(x);
		ops.write(x, Float32Array.of(9), 1);
		const after = ops.copy(x);
		ops.fill(x, 5);
		expect([...(await take(ops, before))]).toEqual([1, 2, 3, 4]);
		expect([...(await take(ops, after))]).toEqual([1, 9, 3, 4]);
		expect([...(await take(ops, x))]).toEqual([5, 5, 5, 5]);
	});

	test('more dispatches than one submit holds keep their parameters', async () => {
		const tensors = Array.from({ length: 300 }, () => ops.empty([5]));
		tensors.forEach((tensor, i) => {
			ops.fill(tensor, i);
		});
		for (const [i, tensor] of tensors.entries())
			expect((await take(ops, tensor)).every((value) => value === i)).toBe(true);
	});

	test('more workgroups than one dimension holds', async () => {
		const x = ops.zeros([65535 * 64 * 4 + 4096]);
		ops.fill(x, 3);
		expect([...(await ops.read(x, x.size - 2))]).toEqual([3, 3]);
		expect([...(await ops.read(x, 65535 * 64 * 4 - 1, 2))]).toEqual([3, 3]);
		ops.release(x);
	});

	test('the same calls in the same order get the same memory again', () => {
		const step = () => {
			const a = ops.empty([100, 7]);
			const b = ops.empty([100, 7]);
			ops.release(a);
			const c = ops.empty([3]);
			ops.release(b, c);
		};
		step();
		const { allocated, bytes } = ops.memory();
		for (let i = 0; i < 20; i++) step();
		expect(ops.memory()).toMatchObject({ allocated, bytes });
	});

	test('the pool gives memory back when sizes keep changing', () => {
		const megabyte = 2 ** 18;
		for (let i = 0; i < 100; i++) ops.release(ops.empty([megabyte * 4 + i * 64]));
		expect(ops.memory().allocated).toBeLessThan(200 * 2 ** 20);
	});

	test('released and oversized tensors are refused by name', () => {
		const x = ops.empty([4]);
		ops.release(x);
		expect(() => {
			ops.fill(x, 1);
		}).toThrow(expect.objectContaining({ name: 'BadInput' }));
		expect(() => {
			ops.release(x);
		}).toThrow(expect.objectContaining({ name: 'BadInput' }));
		expect(() => ops.empty([2 ** 20, 2 ** 20])).toThrow(
			expect.objectContaining({ name: 'OutOfMemory' }),
		);
	});

	test('a table row is added to in order, whatever the number of rows that meet in it', async () => {
		const rows = 300;
		const indices = Int32Array.from({ length: rows }, (_, i) => (i * i) % 7);
		const dy = wave(rows * 5);
		const expected = new Float32Array(35);
		for (let r = 0; r < rows; r++)
			for (let c = 0; c < 5; c++) {
				const at = (indices[r] ?? 0) * 5 + c;
				expected[at] = (expected[at] ?? 0) + (dy[r * 5 + c] ?? 0);
			}
		const target = ops.zeros([7, 5]);
		const inputs = [ops.upload(indices, [rows]), ops.upload(dy, [rows, 5])] as const;
		ops.scatterAddRows(target, ...inputs);
		ops.release(...inputs);
		expect([...(await take(ops, target))]).toEqual([...expected]);
	});
});

describe.skipIf(!hasGpu)('webgpu backend, kernels for GPUs', () => {
	const both: Ops[] = [];
	beforeAll(async () => {
		for (const variant of ['regs', 'tiled'] as const) both.push(await createWebGpuOps({ variant }));
	});
	afterAll(() => {
		for (const ops of both) ops.dispose();
	});

	const compare = async (run: (ops: Ops) => Promise<Float32Array[]>, tolerance: number) => {
		const expected = await run(both[0]!);
		const actual = await run(both[1]!);
		expect(expected.length).toBeGreaterThan(0);
		actual.forEach((values, i) => {
			expectClose(values, expected[i]!, tolerance);
		});
	};

	// The last size is large enough for the large tile.
	test.each([
		[5, 3, 7],
		[70, 64, 33],
		[640, 12, 640],
	])('linear, %i rows, %i in, %i out', async (rows, inner, outer) => {
		await compare(async (ops) => {
			const x = ops.upload(wave(rows * inner, 1), [rows, inner]);
			const w = ops.upload(wave(outer * inner, 2), [outer, inner]);
			const bias = ops.upload(wave(outer, 3), [outer]);
			const y = ops.linear(x, w, { bias });
			const dx = ops.linearBackwardInput(y, w);
			const dw = ops.linearBackwardWeight(y, x, ops.copy(w));
			const results = [await take(ops, dx), await take(ops, dw), await ops.read(y)];
			ops.release(x, w, bias, y);
			return results;
		}, 2e-6);
	});

	const shapes: (AttentionShape & { cut?: number })[] = [
		{
			batch: 2,
			queries: 90,
			keys: 90,
			heads: 4,
			keyValueHeads: 2,
			headDim: 32,
			window: null,
			cut: 37,
		},
		{
			batch: 1,
			queries: 300,
			keys: 300,
			heads: 2,
			keyValueHeads: 1,
			headDim: 64,
			window: 70,
			cut: 129,
		},
		{ batch: 2, queries: 70, keys: 70, heads: 4, keyValueHeads: 2, headDim: 32, window: null },
		{ batch: 1, queries: 40, keys: 40, heads: 2, keyValueHeads: 1, headDim: 128, window: 9 },
		{ batch: 1, queries: 20, keys: 20, heads: 3, keyValueHeads: 3, headDim: 80, window: null },
	];
	test.for(shapes)('attention %o', async ({ cut, ...shape }, { skip }) => {
		skip(lavapipe && shape.headDim > 32, 'lavapipe compiles this for minutes');
		const { batch, queries, heads, keyValueHeads, headDim } = shape;
		const rows = batch * queries;
		// Every sequence is cut into two segments.
		const begin = (row: number) => (cut !== undefined && row % queries >= cut ? cut : 0);
		const end = (row: number) => (cut !== undefined && row % queries < cut ? cut : queries);
		const bounds = Int32Array.from({ length: 2 * rows }, (_, i) =>
			i % 2 === 0 ? begin(i >> 1) : end(i >> 1),
		);
		await compare(async (ops) => {
			const q = ops.upload(wave(rows * heads * headDim, 1), [rows, heads * headDim]);
			const narrow = [rows, keyValueHeads * headDim];
			const k = ops.upload(wave(rows * keyValueHeads * headDim, 2), narrow);
			const v = ops.upload(wave(rows * keyValueHeads * headDim, 3), narrow);
			const positions = ops.upload(
				Int32Array.from({ length: rows }, (_, i) => (i % queries) - begin(i)),
				[rows],
			);
			const segments = cut === undefined ? undefined : ops.upload(bounds, [rows, 2]);
			const { out, logSumExp } = ops.attention(q, k, v, positions, shape, segments);
			const gradients = ops.attentionBackward(q, { q, k, v, out, logSumExp }, shape, segments);
			const results = [await take(ops, out), await take(ops, logSumExp)];
			for (const gradient of Object.values(gradients)) results.push(await take(ops, gradient));
			ops.release(q, k, v, positions);
			if (segments) ops.release(segments);
			return results;
		}, 2e-5);
	});
});

describe.skipIf(!hasGpu)('webgpu backend and tfjs', () => {
	test('share one device and one order of work', async () => {
		const ops = await createWebGpuOps();
		await setBackend('webgpu');
		const ours = ops.upload(wave(2000, 1), [2000]);
		ops.fill(ours, 2);
		const theirs = square(tensor1d(wave(2000, 2)));
		const same = ops.copy(ours);
		ops.add(ours, same);
		expectClose(
			await theirs.data(),
			wave(2000, 2).map((x) => x * x),
		);
		expect((await ops.read(ours)).every((value) => value === 4)).toBe(true);
		expect(engine().backendName).toBe('webgpu');
		const backend = findBackend('webgpu');
		ops.dispose();
		expect(findBackend('webgpu')).not.toBe(backend);
	});

	test('a broken rule of WebGPU is fatal and surfaces at the next read', async () => {
		const ops = await createWebGpuOps();
		const x = ops.upload(Float32Array.of(1, 2), [2]);
		ops.add(x, x); // One buffer read and written by one dispatch.
		await expect(ops.read(x)).rejects.toMatchObject({ name: 'DeviceError' });
		await expect(ops.settle()).rejects.toMatchObject({ name: 'DeviceError' });
		ops.dispose();
	});
});
