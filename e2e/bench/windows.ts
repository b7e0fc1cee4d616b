/**
 * `npm run bench -- windows`: embedding and head of Llama-2-7B (32,000 x 4,096) where no binding is larger than 128 MiB, on
 * WebGPU in plain Node (Dawn on a Vulkan driver, here one that runs on the CPU): both lie in windows. Against plain sums,
 * whole where that is cheap, else at the rows around the windows' borders. Takes a minute, 2 GB on the device and 1 beside it.
 */
import { writeFile } from 'node:fs/promises';
import { adamW } from '../../src/engine/kernels/adamW/adamW.reference.ts';
import * as reference from '../../src/engine/kernels/linear/linear.reference.ts';
import type { AdamWStep, Ops, Tensor } from '../../src/engine/ops.ts';
import { difference } from './difference.ts';
import { installDawn } from './dawn.ts';
import { machine } from './machine.ts';

const largestBinding = 128 * 2 ** 20;
const [vocabulary, hidden] = [32_000, 4096];
const shape = [vocabulary, hidden];
const borders = [0, 8191, 8192, 16_383, 16_384, 24_575, 24_576, 31_999];
const tokens = [31_999, 8191, 8192, 8191];
const rows = tokens.length;

/** Decays by a twentieth: less would not show in the seven bits of bfloat16. */
const step: AdamWStep = {
	...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 5 },
	...{ decay: 'before', step: 1, clipNorm: null, rounding: { seed: null } },
};

interface Row {
	readonly name: string;
	/** Largest, relative to the largest value expected. */
	readonly error: number;
	readonly allowed: number;
	readonly passed: boolean;
}

function rowOf(name: string, pairs: readonly Pair[], allowed: number): Row {
	const error = Math.max(...pairs.map(([actual, expected]) => difference(expected, actual)));
	const passed = error <= allowed;
	console.log(
		`${passed ? 'ok  ' : 'MISS'} ${name.padEnd(32)} ${error.toExponential(1)} (${allowed})`,
	);
	return { name, error, allowed, passed };
}
type Pair = readonly [actual: ArrayLike<number>, expected: ArrayLike<number>];

/** Uniform in [-1, 1) by an index hashed with Knuth's multiplicative constant, `bits` bits long. */
const hashed = (index: number, bits: number): number =>
	(Math.imul(index + 1, 0x9e3779b1) >>> (32 - bits)) / 2 ** (bits - 1) - 1;

const random = (size: number, seed: number): Float32Array =>
	Float32Array.from({ length: size }, (_, i) => hashed(i + 7919 * seed, 16));

/** The same in bfloat16. */
const weights = (): Float32Array =>
	Float32Array.from({ length: vocabulary * hidden }, (_, i) => hashed(i, 7) / 32);

const part = (values: Float32Array, row: number) =>
	values.subarray(row * hidden, (row + 1) * hidden);

const picked = (values: Float32Array): Float32Array =>
	Float32Array.from(tokens.flatMap((token) => [...part(values, token)]));

async function take(ops: Ops, tensor: Tensor): Promise<Float32Array> {
	const values = await ops.read(tensor);
	ops.release(tensor);
	return values;
}

/** dx, row of the weight by row: the other order would wait for memory. */
function backwardInput(dy: Float32Array, weight: Float32Array): Float64Array {
	const dx = new Float64Array(rows * hidden);
	for (let token = 0; token < vocabulary; token++)
		for (let row = 0; row < rows; row++) {
			const factor = dy[row * vocabulary + token] ?? NaN;
			for (let i = 0; i < hidden; i++)
				dx[row * hidden + i] =
					(dx[row * hidden + i] ?? NaN) + factor * (weight[token * hidden + i] ?? NaN);
		}
	return dx;
}

async function measureHead(ops: Ops, values: Float32Array): Promise<Row[]> {
	const head = ops.uploadWeight(values, shape, 'bf16');
	const xs = picked(values);
	const x = ops.upload(xs, [rows, hidden]);
	const logits = await take(ops, ops.linear(x, head));
	const sizes = [rows, hidden, vocabulary] as const;
	const dys = random(rows * vocabulary, 3);
	const dy = ops.upload(dys, [rows, vocabulary]);
	const dx = await take(ops, ops.linearBackwardInput(dy, head));
	const gradient = ops.linearBackwardWeight(dy, x);
	const gradients: Pair[] = [];
	for (const row of borders) {
		const column = Float32Array.from(tokens, (_, r) => dys[r * vocabulary + row] ?? NaN);
		const expected = reference.linearBackwardWeight(column, xs, [rows, hidden, 1]);
		gradients.push([await ops.read(gradient, row * hidden, hidden), expected]);
	}
	ops.release(head, x, dy, gradient);
	return [
		rowOf('head, logits', [[logits, reference.linear(xs, values, sizes)]], 1e-5),
		rowOf('head, gradient of the input', [[dx, backwardInput(dys, values)]], 1e-5),
		rowOf('head, gradient of the weight', gradients, 1e-6),
	];
}

/** What the tokens' gradients add up to in one row of the embedding. */
function rowGradient(dys: Float32Array, row: number): Float32Array {
	const sum = new Float32Array(hidden);
	for (const [r, token] of tokens.entries())
		if (token === row)
			for (let i = 0; i < hidden; i++) sum[i] = (sum[i] ?? NaN) + (dys[r * hidden + i] ?? NaN);
	return sum;
}

const normOf = (dys: Float32Array): number =>
	Math.sqrt(
		[...new Set(tokens)]
			.flatMap((token) => [...rowGradient(dys, token)])
			.reduce((sum, x) => sum + x * x, 0),
	);

async function measureEmbedding(ops: Ops, values: Float32Array): Promise<Row[]> {
	const embedding = ops.uploadWeight(values, shape, 'bf16');
	const indices = ops.upload(Int32Array.from(tokens), [rows]);
	const gathered = await take(ops, ops.gatherRows(embedding, indices));
	const dys = random(rows * hidden, 2);
	const dy = ops.upload(dys, [rows, hidden]);
	const gradient = ops.zeros(shape);
	ops.scatterAddRows(gradient, indices, dy);
	const norm = await take(ops, ops.globalNorm([gradient]));
	const [m, v, one] = [ops.zeros(shape), ops.zeros(shape), ops.upload(Float32Array.of(1), [1])];
	ops.adamW(embedding, gradient, m, v, one, step);
	const added: Pair[] = [];
	const updated: Pair[] = [];
	for (const row of borders) {
		const parameter = part(values, row).slice();
		const expected = rowGradient(dys, row);
		if (tokens.includes(row))
			added.push([await ops.read(gradient, row * hidden, hidden), expected]);
		adamW(parameter, expected, new Float32Array(hidden), new Float32Array(hidden), 1, step);
		updated.push([await ops.read(embedding, row * hidden, hidden), parameter]);
	}
	ops.release(embedding, indices, dy, gradient, m, v, one);
	return [
		rowOf('embedding, rows taken', [[gathered, picked(values)]], 0),
		rowOf('embedding, rows added', added, 0),
		rowOf('embedding, norm of the gradient', [[norm, [normOf(dys)]]], 1e-5),
		rowOf('embedding, AdamW in bfloat16', updated, 2 ** -8),
	];
}

export async function run({ json }: { readonly json: string | null }): Promise<void> {
	await installDawn();
	const { createWebGpuOps } = await import('../../src/engine/webgpu/ops.ts');
	// A few kernels are used once: most would be compiled for nothing.
	const ops = await createWebGpuOps({ largestBinding, compileAhead: false });
	console.log(ops.info.adapter);
	const values = weights();
	const measured = [...(await measureHead(ops, values)), ...(await measureEmbedding(ops, values))];
	const { adapter } = ops.info;
	ops.dispose();
	if (json !== null) {
		const result = { adapter, ...(await machine(null)), largestBinding, rows: measured };
		await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
	}
	if (measured.some(({ passed }) => !passed)) throw new Error('the windows miss a bar');
}
