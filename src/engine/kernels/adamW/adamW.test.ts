import { expect, test } from 'vitest';
import type { AdamWStep } from '../../ops.ts';
import {
	expectClose,
	expectSameRounding,
	onEveryBackend,
	take,
	wave,
	withoutLeaks,
} from '../backends.ts';
import { globalNorm } from '../globalNorm/globalNorm.reference.ts';
import { asStored } from '../weightFormats/formats.ts';
import { adamW } from './adamW.reference.ts';

const base: AdamWStep = {
	learningRate: 2e-3,
	beta1: 0.9,
	beta2: 0.999,
	epsilon: 1e-8,
	weightDecay: 0.01,
	decay: 'before',
	step: 1,
	clipNorm: 1,
};

onEveryBackend('adamW', (ops) => {
	test.each([
		['clipped', 200, 1, 'before'],
		['unclipped', 200, null, 'before'],
		['below the clip norm', 3, 1e6, 'before'],
		['large', 70_001, 1, 'before'],
		['decay after the step', 200, 1, 'after'],
	] as const)('%s: three steps', async (_title, size, clipNorm, decay) => {
		// Strong enough to tell both orders apart.
		const weightDecay = decay === 'after' ? 100 : base.weightDecay;
		const settings = { ...base, clipNorm, decay, weightDecay };
		await withoutLeaks(ops(), async () => {
			const host = {
				parameter: wave(size, 1),
				m: new Float32Array(size),
				v: new Float32Array(size),
			};
			const parameter = ops().upload(host.parameter, [size]);
			const m = ops().zeros([size]);
			const v = ops().zeros([size]);
			for (let step = 1; step <= 3; step++) {
				const gradients = wave(size, 2 + step);
				const gradient = ops().upload(gradients, [size]);
				const norm = ops().globalNorm([gradient]);
				ops().adamW(parameter, gradient, m, v, norm, { ...settings, step });
				adamW(host.parameter, gradients, host.m, host.v, globalNorm([gradients]), {
					...settings,
					step,
				});
				ops().release(gradient, norm);
			}
			expectClose(await ops().read(parameter), host.parameter, 1e-6);
			expectClose(await ops().read(m), host.m, 1e-6);
			expectClose(await ops().read(v), host.v, 1e-6);
			ops().release(parameter, m, v);
		});
	});
});

onEveryBackend(
	'adamW with rounding to bfloat16',
	(ops) => {
		test.each([
			['to the nearest', 'bf16', null, 'before', 0.01],
			['to the nearest, twice where it decays after the step', 'bf16', null, 'after', 100],
			['at random', 'bf16', 5, 'before', 0.01],
			['at random, kept in float32', 'f32', 5, 'before', 0.01],
		] as const)('%s', async (_title, format, seed, decay, weightDecay) => {
			await withoutLeaks(ops(), async () => {
				const size = 5003;
				const start = asStored(wave(size, 1), 'bf16');
				const host = {
					parameter: start.slice(),
					m: new Float32Array(size),
					v: new Float32Array(size),
				};
				const parameter = ops().uploadWeight(start, [1, size], format);
				const [m, v] = [ops().zeros([size]), ops().zeros([size])];
				const gradients = wave(size, 3);
				const gradient = ops().upload(gradients, [size]);
				const norm = ops().globalNorm([gradient]);
				const step = { ...base, decay, weightDecay, rounding: { seed } };
				ops().adamW(parameter, gradient, m, v, norm, step);
				adamW(host.parameter, gradients, host.m, host.v, globalNorm([gradients]), step);
				const values = await ops().read(parameter);
				expect(asStored(values, 'bf16')).toEqual(values);
				expect(values).not.toEqual(start);
				expectSameRounding(values, host.parameter);
				ops().release(parameter, m, v, gradient, norm);
			});
		});

		test('at random is right on average, to the nearest moves nothing', async () => {
			await withoutLeaks(ops(), async () => {
				const size = 40_000;
				// A step of an eighth of the distance between two bfloat16.
				const settings = { ...base, learningRate: 2 ** -10, weightDecay: 0, clipNorm: null };
				const mean = async (seed: number | null) => {
					const parameter = ops().uploadWeight(new Float32Array(size).fill(1), [1, size], 'bf16');
					const [m, v] = [ops().zeros([size]), ops().zeros([size])];
					const gradient = ops().upload(new Float32Array(size).fill(-1), [size]);
					const norm = ops().globalNorm([gradient]);
					ops().adamW(parameter, gradient, m, v, norm, { ...settings, rounding: { seed } });
					const values = await take(ops(), parameter);
					ops().release(m, v, gradient, norm);
					return values.reduce((sum, value) => sum + value, 0) / size;
				};
				expect(await mean(null)).toBe(1);
				const moved = (await mean(7)) - 1;
				expect(moved * 2 ** 10).toBeCloseTo(1, 1);
				expect(await mean(7)).toBe(moved + 1);
				expect(await mean(8)).not.toBe(moved + 1);
			});
		});
	},
	['reference', 'webgpu'],
);

onEveryBackend('adamW with a gradient that is not finite', (ops) => {
	test('changes nothing', async () => {
		await withoutLeaks(ops(), async () => {
			const parameter = ops().upload(wave(100, 1), [100]);
			const gradient = ops().upload(wave(100, 2), [100]);
			const m = ops().upload(wave(100, 3), [100]);
			const v = ops().upload(new Float32Array(100).fill(0.5), [100]);
			for (const value of [NaN, Infinity]) {
				const norm = ops().upload(Float32Array.of(value), [1]);
				ops().adamW(parameter, gradient, m, v, norm, { ...base, clipNorm: null });
				ops().adamW(parameter, gradient, m, v, norm, base);
				ops().release(norm);
			}
			expectClose(await ops().read(parameter), wave(100, 1), 0);
			expectClose(await ops().read(m), wave(100, 3), 0);
			ops().release(parameter, gradient, m, v);
		});
	});
});

onEveryBackend('globalNorm', (ops) => {
	test('over tensors of every size', async () => {
		await withoutLeaks(ops(), async () => {
			const sizes = [1, 63, 64, 1000, 70_000, 5];
			const host = sizes.map((size, i) => wave(size, i + 1));
			const tensors = host.map((values) => ops().upload(values, [values.length]));
			const norm = ops().globalNorm(tensors);
			expectClose(await ops().read(norm), [globalNorm(host)], 1e-6);
			const again = ops().globalNorm(tensors);
			expect(await ops().read(again)).toEqual(await ops().read(norm));
			ops().release(norm, again, ...tensors);
		});
	});

	test('an infinite gradient is seen', async () => {
		await withoutLeaks(ops(), async () => {
			const tensor = ops().upload(Float32Array.of(1, Infinity, 2), [3]);
			const norm = ops().globalNorm([tensor]);
			expect(Number.isFinite((await ops().read(norm))[0])).toBe(false);
			ops().release(tensor, norm);
		});
	});
});
