/** Helpers in a browser: results must have the same bits on one thread and on several. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wave } from '../kernels/backends.ts';
import type { AttentionShape, Ops } from '../ops.ts';
import { createDevice } from './device.ts';
import { createWasmOps } from './ops.ts';
import { task } from './tasks.ts';

const threads = 3;

async function products(ops: Ops): Promise<Float32Array[]> {
	const [rows, input, out] = [200, 130, 530];
	const x = ops.upload(wave(rows * input, 1), [rows, input]);
	const weight = ops.upload(wave(out * input, 2), [out, input]);
	const y = ops.linear(x, weight);
	const dx = ops.linearBackwardInput(y, weight);
	const dWeight = ops.linearBackwardWeight(y, x);
	const sum = ops.sumRows(y);
	const norm = ops.globalNorm([y, dx, dWeight]);
	const results = [y, dx, dWeight, sum, norm];
	const values = await Promise.all(results.map((tensor) => ops.read(tensor)));
	ops.release(x, weight, ...results);
	return values;
}

async function attention(ops: Ops): Promise<Float32Array[]> {
	const shape: AttentionShape = {
		batch: 3,
		queries: 130,
		keys: 130,
		heads: 4,
		keyValueHeads: 2,
		headDim: 16,
		window: null,
	};
	const size = 3 * 130 * 4 * 16;
	const q = ops.upload(wave(size, 1), [390, 64]);
	const k = ops.upload(wave(size / 2, 2), [390, 32]);
	const v = ops.upload(wave(size / 2, 3), [390, 32]);
	const positions = ops.upload(
		Int32Array.from({ length: 390 }, (_, i) => i % 130),
		[390],
	);
	const forward = ops.attention(q, k, v, positions, shape);
	const dOut = ops.upload(wave(size, 4), [390, 64]);
	const backward = ops.attentionBackward(dOut, { q, k, v, ...forward }, shape);
	const results = [forward.out, forward.logSumExp, backward.dq, backward.dk, backward.dv];
	const values = await Promise.all(results.map((tensor) => ops.read(tensor)));
	ops.release(q, k, v, positions, dOut, ...results);
	return values;
}

/** Index of the first value whose bits differ from those of array `which` of `expected`; -1: none. */
function firstDifference(
	expected: readonly Float32Array[],
	actual: Float32Array,
	which: number,
): number {
	const bits = new Int32Array(expected[which]!.buffer);
	return new Int32Array(actual.buffer).findIndex((value, i) => value !== bits[i]);
}

describe.skipIf(!globalThis.crossOriginIsolated)('with shared memory', () => {
	let alone: Ops;
	let together: Ops;
	beforeAll(async () => {
		together = await createWasmOps({ threads });
		alone = await createWasmOps({ threads: 1 });
	});
	afterAll(() => {
		together.dispose();
		alone.dispose();
	});

	test('says how many threads run', () => {
		expect(together.info.adapter).toContain(`${threads} threads`);
		expect(alone.info.adapter).toContain('1 thread');
	});

	test('a helper that traps ends the work with an error in place of a wait without end', async () => {
		const device = await createDevice(2);
		const [rows, half] = [4096, 32];
		const x = device.tensor([rows, 2 * half], 'f32');
		const positions = device.tensor([rows], 'i32');
		const frequencies = device.tensor([half], 'f32');
		const [own] = device.threadScratch(half * 8);
		/** Far outside the memory for thread 1, right for thread 0. */
		const apart = 0x60000000;
		const parameters = [
			...[device.address(x), device.address(positions), device.address(frequencies), rows],
			...[2 * half, half, { float: 1 }, own, apart],
		];
		const launch = (items: number) => {
			device.launch(task.rotate, items, rows * half, parameters);
		};
		launch(1);
		expect(() => {
			// Most likely the first time: until the helper has taken an item.
			for (let time = 0; time < 1000; time++) launch(rows / 16);
		}).toThrow(/kernel rotate stopped/);
		expect(() => {
			launch(1);
		}).toThrow(expect.objectContaining({ name: 'DeviceError' }));
		device.dispose();
	});

	for (const [name, compute] of Object.entries({ products, attention })) {
		test(`${name}: same bits on any number of threads, run after run`, async () => {
			const expected = await compute(alone);
			expect(expected[0]!.some((value) => value !== 0)).toBe(true);
			for (let run = 0; run < 20; run++) {
				const actual = await compute(together);
				expect(actual.map((values, which) => firstDifference(expected, values, which))).toEqual(
					expected.map(() => -1),
				);
			}
		});
	}
});
