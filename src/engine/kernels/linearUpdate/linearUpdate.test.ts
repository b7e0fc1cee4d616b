import { expect, test } from 'vitest';
import type { FusedOps, FusedStep } from '../../fusedOps.ts';
import type { Ops, Tensor } from '../../ops.ts';
import { dynamicMaps } from '../adamW8bit/dynamicMaps.ts';
import { dequantise, packedShape } from '../adamW8bit/layout.ts';
import {
	expectClose,
	expectSameCodes,
	expectSameRounding,
	onEveryBackend,
	take,
	wave,
	withoutLeaks,
} from '../backends.ts';
import { globalNorm } from '../globalNorm/globalNorm.reference.ts';
import { asStored } from '../weightFormats/formats.ts';
import { linearAdamW, linearAdamW8bit } from './linearUpdate.reference.ts';

const base: FusedStep = {
	...{ learningRate: 2e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
	...({ decay: 'before', step: 1 } as const),
};
/** Rows, inputs, outputs. */
type Shape = readonly [number, number, number];
const maps = dynamicMaps();

const fusedOf = ({ fused }: Ops): FusedOps => {
	if (fused === undefined) throw new Error('this backend has no update in one');
	return fused;
};

/** dy and x of a step, of many magnitudes. */
const products = ([rows, inputs, outputs]: Shape, step: number) =>
	[
		wave(rows * outputs, 2 + step).map((value, i) => value * 10 ** -(i % 3)),
		wave(rows * inputs, 7 + step, 0.1),
	] as const;

/** Calls with dy, x and a norm on the device. @returns what `call` gives as the whole norm, 3 before it included */
async function withProducts(
	ops: Ops,
	shape: Shape,
	[dys, xs]: readonly [Float32Array, Float32Array],
	call: (dy: Tensor, x: Tensor, norm: Tensor) => Tensor,
	before = 3,
): Promise<number> {
	const [rows, inputs, outputs] = shape;
	const dy = ops.upload(dys, [rows, outputs]);
	const x = ops.upload(xs, [rows, inputs]);
	const norm = ops.upload(Float32Array.of(before), [1]);
	const parts = call(dy, x, norm);
	const [whole = NaN] = await take(ops, ops.globalNorm([norm, parts]));
	ops.release(dy, x, norm, parts);
	return whole;
}

const shapes = [
	['smaller than a part', [5, 64, 3]],
	['no multiple of a part', [33, 260, 50]],
	['rows of 16', [18, 68, 1541]],
] as const;
const blockShapes = [
	['one block', [3, 256, 1]],
	['no multiple of a part', [33, 512, 19]],
	['rows of 16', [6, 256, 1537]],
] as const;

onEveryBackend(
	'gradient and update in one',
	(ops) => {
		test.each([
			...shapes.map(([title, shape]) => [title, shape, 'before'] as const),
			['decay after the step', shapes[1][1], 'after'] as const,
		])('%s: three steps with f32 moments', async (_, shape, decay) => {
			await withoutLeaks(ops(), async () => {
				const [, inputs, outputs] = shape;
				const size = inputs * outputs;
				const host = [wave(size, 1), new Float32Array(size), new Float32Array(size)] as const;
				const device = host.map((values) => ops().upload(values, [outputs, inputs]));
				const [parameter, m, v] = device as [Tensor, Tensor, Tensor];
				// Strong enough to tell both orders apart.
				const settings = { ...base, decay, weightDecay: decay === 'after' ? 100 : 0.01 };
				for (let number = 1; number <= 3; number++) {
					const given = products(shape, number);
					const step = { ...settings, step: number };
					const norm = await withProducts(ops(), shape, given, (dy, x, before) =>
						fusedOf(ops()).linearAdamW(parameter, dy, x, m, v, before, step),
					);
					const gradient = linearAdamW(host[0], [...given, shape], host[1], host[2], step);
					expectClose([norm], [Math.hypot(3, globalNorm([gradient]))], 1e-6);
				}
				for (const [i, tensor] of device.entries())
					expectClose(await take(ops(), tensor), host[i]!, 2e-6);
			});
		});

		test.each(blockShapes)('%s: three steps with 8-bit moments', async (_, shape) => {
			await withoutLeaks(ops(), async () => {
				const [, inputs, outputs] = shape;
				const size = inputs * outputs;
				const packed = packedShape(size);
				const host = wave(size, 1);
				const hostStates = new Int32Array(packed[0] * packed[1]);
				const parameter = ops().upload(host, [outputs, inputs]);
				const states = ops().upload(hostStates, packed);
				const onDevice = ops().upload(maps, [maps.length]);
				for (let number = 1; number <= 3; number++) {
					const given = products(shape, number);
					const step = { ...base, step: number, weightDecay: 100 };
					const norm = await withProducts(ops(), shape, given, (dy, x, before) =>
						fusedOf(ops()).linearAdamW8bit(parameter, dy, x, states, onDevice, before, step),
					);
					const gradient = linearAdamW8bit(host, [...given, shape], hostStates, maps, step);
					expectClose([norm], [Math.hypot(3, globalNorm([gradient]))], 1e-6);
				}
				// Where a last digit decided between two codes, the next step differs by a share of itself, 5e-4 of the largest.
				expectClose(await take(ops(), parameter), host, 5e-5);
				const moments = dequantise(await ops().readIntegers(states), maps, size);
				const expected = dequantise(hostStates, maps, size);
				expectSameCodes(moments.m, expected.m);
				expectSameCodes(moments.v, expected.v);
				ops().release(states, onDevice);
			});
		});

		test.each([
			['f32', undefined],
			['f32', { seed: 5 }],
			['bf16', { seed: null }],
			['bf16', { seed: 5 }],
		] as const)('a parameter in %s, rounded by %o', async (format, rounding) => {
			await withoutLeaks(ops(), async () => {
				const shape = [12, 512, 21] as const;
				const [, inputs, outputs] = shape;
				const size = inputs * outputs;
				const packed = packedShape(size);
				const start = asStored(wave(size, 1), 'bf16');
				const [first, second] = [start.slice(), start.slice()];
				const device = [1, 2].map(() => ops().uploadWeight(start, [outputs, inputs], format));
				const [a, b] = device as [Tensor, Tensor];
				const [m, v] = [ops().zeros([size]), ops().zeros([size])];
				const states = ops().upload(new Int32Array(packed[0] * packed[1]), packed);
				const onDevice = ops().upload(maps, [maps.length]);
				const given = products(shape, 1);
				const step = { ...base, ...(rounding && { rounding }) };
				await withProducts(ops(), shape, given, (dy, x, norm) => {
					ops().release(fusedOf(ops()).linearAdamW8bit(b, dy, x, states, onDevice, norm, step));
					return fusedOf(ops()).linearAdamW(a, dy, x, m, v, norm, step);
				});
				const moments = [new Float32Array(size), new Float32Array(size)] as const;
				linearAdamW(first, [...given, shape], ...moments, step);
				const hostStates = new Int32Array(packed[0] * packed[1]);
				linearAdamW8bit(second, [...given, shape], hostStates, maps, step);
				for (const [tensor, expected] of [
					[a, first],
					[b, second],
				] as const) {
					const values = await take(ops(), tensor);
					expect(values).not.toEqual(start);
					if (rounding) expectSameRounding(values, expected);
					else expectClose(values, expected, 1e-6);
				}
				ops().release(m, v, states, onDevice);
			});
		});

		test('what is not finite changes nothing, and is seen in the norm', async () => {
			await withoutLeaks(ops(), async () => {
				const shape = [4, 256, 40] as const;
				const size = 256 * 40;
				const packed = packedShape(size);
				const start = wave(size, 1);
				const onDevice = ops().upload(maps, [maps.length]);
				const run = async (given: readonly [Float32Array, Float32Array], before: number) => {
					const device = [1, 2].map(() => ops().upload(start, [40, 256]));
					const [a, b] = device as [Tensor, Tensor];
					const [m, v] = [ops().zeros([size]), ops().zeros([size])];
					const states = ops().upload(new Int32Array(packed[0] * packed[1]), packed);
					const { linearAdamW, linearAdamW8bit } = fusedOf(ops());
					const call = (dy: Tensor, x: Tensor, norm: Tensor) => {
						const parts = linearAdamW8bit(b, dy, x, states, onDevice, norm, base);
						expect(parts.size).toBeGreaterThan(1);
						ops().release(parts);
						return linearAdamW(a, dy, x, m, v, norm, base);
					};
					const norm = await withProducts(ops(), shape, given, call, before);
					const values = [await take(ops(), a), await take(ops(), b), await take(ops(), m)];
					const moments = dequantise(await ops().readIntegers(states), maps, size);
					ops().release(v, states);
					return { norm, values: [...values, moments.m] };
				};
				const given = products(shape, 1);
				for (const before of [NaN, Infinity]) {
					const { norm, values } = await run(given, before);
					expect(Number.isFinite(norm)).toBe(false);
					expectClose(values[0]!, start, 0);
					expectClose(values[1]!, start, 0);
					for (const moments of values.slice(2)) expect(moments.every((x) => x === 0)).toBe(true);
				}
				const whole = await run(given, 0);
				for (const value of [NaN, -Infinity]) {
					const dy = given[0].slice();
					dy[3 * 40 + 21] = value;
					const { norm, values } = await run([dy, given[1]], 0);
					expect(Number.isFinite(norm)).toBe(false);
					for (const [i, found] of values.entries()) {
						expect(found.every(Number.isFinite)).toBe(true);
						const row = found.subarray(21 * 256, 22 * 256);
						const old = (j: number) => (i < 2 ? start[21 * 256 + j] : 0);
						expect(row.every((x, j) => x === old(j))).toBe(true);
						// Far from it the update is made.
						expect(found.subarray(0, 256)).toEqual(whole.values[i]!.subarray(0, 256));
					}
				}
				ops().release(onDevice);
			});
		});
	},
	['webgpu'],
);
