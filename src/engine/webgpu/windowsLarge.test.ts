// Embedding and head of Llama-2-7B where no binding is larger than 128 MiB: both lie in four windows. Against plain
// sums, whole where that is cheap, else at the rows around the windows' borders.
import { totalmem } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adamW } from '../kernels/adamW/adamW.reference.ts';
import { expectClose, take, wave } from '../kernels/backends.ts';
import * as reference from '../kernels/linear/linear.reference.ts';
import type { AdamWStep, Ops, Tensor } from '../ops.ts';
import { createWebGpuOps } from './ops.ts';

const hasGpu = typeof navigator !== 'undefined' && 'gpu' in navigator;
/** 2 GB are used on the device, 1 GB beside it. */
const enough = totalmem() > 8e9;
const largestBinding = 128 * 2 ** 20;

const [vocabulary, hidden] = [32_000, 4096];
const shape = [vocabulary, hidden];
const borders = [0, 8191, 8192, 16_383, 16_384, 24_575, 24_576, 31_999];
const tokens = [31_999, 8191, 8192, 8191];
const rows = tokens.length;
const sizes = [rows, hidden, vocabulary] as const;

const step: AdamWStep = {
	...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
	...{ decay: 'before', step: 1, clipNorm: null, rounding: { seed: null } },
};

describe.skipIf(!hasGpu || !enough)('an adapter that binds 128 MiB', () => {
	let ops: Ops;
	let values: Float32Array;
	let norm: Tensor;
	beforeAll(async () => {
		ops = await createWebGpuOps({ largestBinding, compileAhead: false });
		values = new Float32Array(vocabulary * hidden);
		// Seven bits, so that they are the same in bfloat16.
		for (let i = 0; i < values.length; i++)
			values[i] = (((Math.imul(i + 1, 0x9e3779b1) >>> 8) % 251) - 125) / 4096;
		norm = ops.upload(Float32Array.of(1), [1]);
	});
	afterAll(() => {
		ops.dispose();
	});

	const rowOf = (index: number) => values.subarray(index * hidden, (index + 1) * hidden);
	const read = (tensor: Tensor, row: number) => ops.read(tensor, row * hidden, hidden);
	const picked = () => Float32Array.from(tokens.flatMap((token) => [...rowOf(token)]));

	test('runs a head of 32,000 by 4,096 forward and backward', async () => {
		const head = ops.uploadWeight(values, shape, 'bf16');
		const xs = picked();
		const x = ops.upload(xs, [rows, hidden]);
		const logits = await take(ops, ops.linear(x, head));
		expectClose(logits, reference.linear(xs, values, sizes), 3e-6);

		const dys = wave(rows * vocabulary, 3);
		const dy = ops.upload(dys, [rows, vocabulary]);
		const dx = await take(ops, ops.linearBackwardInput(dy, head));
		expectClose(dx, backwardInput(dys, values), 1e-5);

		const gradient = ops.linearBackwardWeight(dy, x);
		for (const row of borders) {
			const column = Float32Array.from(tokens, (_, r) => dys[r * vocabulary + row]!);
			const expected = reference.linearBackwardWeight(column, xs, [rows, hidden, 1]);
			expectClose(await read(gradient, row), expected, 1e-6);
		}
		ops.release(head, x, dy, gradient);
	});

	test('takes rows of an embedding of 32,000 by 4,096, adds to them and updates them', async () => {
		const embedding = ops.uploadWeight(values, shape, 'bf16');
		const indices = ops.upload(Int32Array.from(tokens), [rows]);
		expect(await take(ops, ops.gatherRows(embedding, indices))).toEqual(picked());

		const dys = wave(rows * hidden, 2);
		const dy = ops.upload(dys, [rows, hidden]);
		const gradient = ops.zeros(shape);
		ops.scatterAddRows(gradient, indices, dy);
		expectClose(await take(ops, ops.globalNorm([gradient])), [normOf(dys)], 1e-5);
		const [m, v] = [ops.zeros(shape), ops.zeros(shape)];
		ops.adamW(embedding, gradient, m, v, norm, step);
		for (const row of borders) {
			const parameter = rowOf(row).slice();
			const expected = rowGradient(dys, row);
			expect(await read(gradient, row)).toEqual(expected);
			adamW(parameter, expected, new Float32Array(hidden), new Float32Array(hidden), 1, step);
			expectClose(await read(embedding, row), parameter, 2 ** -8);
			expect(parameter).not.toEqual(rowOf(row));
		}
		ops.release(embedding, indices, dy, gradient, m, v);
	});
});

/** dx, row of the weight by row: the other order would wait for memory. */
function backwardInput(dy: Float32Array, weight: Float32Array): Float64Array {
	const dx = new Float64Array(rows * hidden);
	for (let token = 0; token < vocabulary; token++)
		for (let r = 0; r < rows; r++) {
			const factor = dy[r * vocabulary + token]!;
			for (let i = 0; i < hidden; i++) dx[r * hidden + i]! += factor * weight[token * hidden + i]!;
		}
	return dx;
}

/** What the tokens' gradients add up to in one row of the embedding. */
function rowGradient(dys: Float32Array, row: number): Float32Array {
	const sum = new Float32Array(hidden);
	for (const [r, token] of tokens.entries())
		if (token === row) for (let i = 0; i < hidden; i++) sum[i]! += dys[r * hidden + i]!;
	return sum;
}

const normOf = (dys: Float32Array): number =>
	Math.sqrt(
		[...new Set(tokens)]
			.flatMap((token) => [...rowGradient(dys, token)])
			.reduce((sum, x) => sum + x * x, 0),
	);
