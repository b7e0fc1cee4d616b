/** What only the wasm backend promises: its memory, its errors, and equal results on every route it takes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectClose, take, wave } from '../kernels/backends.ts';
import type { AttentionShape, Ops } from '../ops.ts';
import { createWasmOps } from './ops.ts';

let ops: Ops;
beforeAll(async () => {
	ops = await createWasmOps();
});
afterAll(() => {
	ops.dispose();
});

test('says what runs', () => {
	expect(ops.info.backend).toBe('wasm');
	expect(ops.info.adapter).toMatch(/^simd( relaxed)?, \d+ threads?$/);
});

describe('memory', () => {
	test('counts what is handed out and remembers the peak', () => {
		ops.resetPeak();
		const before = ops.memory();
		const a = ops.zeros([100, 10]);
		const b = ops.empty([50]);
		ops.release(a);
		const now = ops.memory();
		expect(now.tensors).toBe(before.tensors + 1);
		expect(now.bytes).toBe(before.bytes + 200);
		expect(now.peakBytes).toBe(before.bytes + 4200);
		ops.release(b);
		ops.resetPeak();
		expect(ops.memory().peakBytes).toBe(before.bytes);
	});

	test('a released block serves the next request of its size', () => {
		ops.release(ops.empty([12345]));
		const { allocated } = ops.memory();
		const again = ops.empty([12345]);
		expect(ops.memory().allocated).toBe(allocated);
		ops.release(again);
	});

	test('a tensor survives the growth of the heap', async () => {
		const kept = ops.upload(wave(1000), [1000]);
		const large = Array.from({ length: 6 }, () => ops.zeros([8 * 2 ** 20]));
		expect(await ops.read(kept)).toEqual(wave(1000));
		ops.write(kept, Float32Array.of(5, 6), 998);
		expect(await ops.read(kept, 997, 3)).toEqual(Float32Array.of(wave(1000)[997]!, 5, 6));
		ops.release(kept, ...large);
	});

	test('more than the heap can hold is an error that says how much', () => {
		const { bytes, tensors } = ops.memory();
		expect(() => ops.empty([2 ** 15, 2 ** 16])).toThrow(
			expect.objectContaining({
				name: 'OutOfMemory',
				message: expect.stringContaining(`${2 ** 33} bytes asked`) as string,
			}) as Error,
		);
		expect(ops.memory()).toMatchObject({ bytes, tensors });
	});

	test('a released tensor and one of another backend are refused', () => {
		const tensor = ops.zeros([2, 3]);
		ops.release(tensor);
		expect(() => ops.read(tensor)).toThrow('Tensor [2, 3] was used after its release');
		expect(() => {
			ops.release(tensor);
		}).toThrow('after its release');
		expect(() => {
			ops.fill({ shape: [1], dtype: 'f32', size: 1 }, 0);
		}).toThrow('another backend');
	});

	test('writing beyond the end is refused', () => {
		const tensor = ops.zeros([4]);
		expect(() => {
			ops.write(tensor, new Float32Array(2), 3);
		}).toThrow(RangeError);
		ops.release(tensor);
	});
});

test('one row alone equals the same row among many', async () => {
	const [rows, input, out] = [21, 131, 70];
	const weight = ops.upload(wave(out * input, 2), [out, input]);
	const bias = ops.upload(wave(out, 3), [out]);
	const x = wave(rows * input, 1);
	const many = ops.upload(x, [rows, input]);
	const one = ops.upload(x.subarray(7 * input, 8 * input), [1, input]);
	const all = await take(ops, ops.linear(many, weight, { bias }));
	const alone = await take(ops, ops.linear(one, weight, { bias }));
	expectClose(alone, all.subarray(7 * out, 8 * out));
	ops.release(weight, bias, many, one);
});

test('queries one by one against a cache equal the whole sequence, whatever lies behind in the cache', async () => {
	const shape: AttentionShape = {
		batch: 2,
		queries: 70,
		keys: 70,
		heads: 4,
		keyValueHeads: 2,
		headDim: 12,
		window: 19,
	};
	const { batch, queries, heads, headDim } = shape;
	const width = heads * headDim;
	const q = wave(batch * queries * width, 1);
	const k = wave((batch * queries * width) / 2, 2);
	const v = wave((batch * queries * width) / 2, 3);
	const whole = await attend(shape, q, k, v, [...range(queries), ...range(queries)]);
	const position = 55;
	const unwritten = (values: Float32Array): Float32Array =>
		values.map((value, i) => (Math.floor(i / (width / 2)) % queries > position ? NaN : value));
	const rows = [position, queries + position];
	const few = Float32Array.from(
		rows.flatMap((row) => [...q.subarray(row * width, (row + 1) * width)]),
	);
	const cached = { ...shape, queries: 1 };
	const single = await attend(cached, few, unwritten(k), unwritten(v), [position, position]);
	const expected = rows.flatMap((row) => [...whole.subarray(row * width, (row + 1) * width)]);
	expectClose(single, expected);
});

function range(count: number): number[] {
	return Array.from({ length: count }, (_, i) => i);
}

async function attend(
	shape: AttentionShape,
	q: Float32Array,
	k: Float32Array,
	v: Float32Array,
	positions: readonly number[],
): Promise<Float32Array> {
	const tensors = [q, k, v].map((values) => ops.upload(values, [values.length]));
	const at = ops.upload(Int32Array.from(positions), [positions.length]);
	const { out, logSumExp } = ops.attention(tensors[0]!, tensors[1]!, tensors[2]!, at, shape);
	const result = await take(ops, out);
	ops.release(...tensors, at, logSumExp);
	return result;
}
