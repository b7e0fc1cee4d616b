import { describe, expect, test } from 'vitest';
import type { AdamWStep } from '../../ops.ts';
import { expectClose, expectSameCodes, onEveryBackend, wave, withoutLeaks } from '../backends.ts';
import { globalNorm } from '../globalNorm/globalNorm.reference.ts';
import { adamW8bit } from './adamW8bit.reference.ts';
import { dynamicMaps } from './dynamicMaps.ts';
import { dequantise, packedShape } from './layout.ts';

const base: Omit<AdamWStep, 'decay'> = {
	learningRate: 2e-3,
	beta1: 0.9,
	beta2: 0.999,
	epsilon: 1e-8,
	weightDecay: 0.01,
	step: 1,
	clipNorm: 1,
};
const maps = dynamicMaps();

/** Gradients of many magnitudes. */
const gradientOf = (size: number, step: number) =>
	wave(size, 2 + step).map((value, i) => value * 10 ** -(i % 5));

onEveryBackend('adamW8bit', (ops) => {
	test.each([
		['one element', 1, null],
		['a block and a bit, clipped', 301, 1],
		['whole blocks', 512, null],
		['many blocks', 70_001, 1],
	] as const)('%s: three steps', async (_title, size, clipNorm) => {
		await withoutLeaks(ops(), async () => {
			const shape = packedShape(size);
			const host = { parameter: wave(size, 1), states: new Int32Array(shape[0] * shape[1]) };
			const parameter = ops().upload(host.parameter, [size]);
			const states = ops().upload(host.states, shape);
			const onDevice = ops().upload(maps, [maps.length]);
			for (let step = 1; step <= 3; step++) {
				const gradients = gradientOf(size, step);
				const gradient = ops().upload(gradients, [size]);
				const norm = ops().globalNorm([gradient]);
				// Decay strong enough to tell whether it comes after the step.
				const settings = { ...base, step, clipNorm, weightDecay: 100 };
				ops().adamW8bit(parameter, gradient, states, onDevice, norm, settings);
				const length = globalNorm([gradients]);
				adamW8bit(host.parameter, gradients, host.states, maps, length, settings);
				ops().release(gradient, norm);
			}
			expectClose(await ops().read(parameter), host.parameter, 1e-5);
			const packed = await ops().readIntegers(states);
			const moments = dequantise(packed, maps, size);
			const expected = dequantise(host.states, maps, size);
			expectSameCodes(moments.m, expected.m);
			expectSameCodes(moments.v, expected.v);
			ops().release(parameter, states, onDevice);
		});
	});

	test('blocks of zeros stay zero, and what lies behind the last element has no part', async () => {
		await withoutLeaks(ops(), async () => {
			const size = 258;
			const shape = packedShape(size);
			// Memory used before: what pads the last vector of the gradient is not zero.
			const used = ops().upload(wave(260, 5, 1e6), [260]);
			ops().release(used);
			const host = new Float32Array(size).fill(1e-3, 256);
			const gradient = ops().upload(host, [size]);
			const parameter = ops().upload(wave(size, 1), [size]);
			const states = ops().upload(new Int32Array(shape[0] * shape[1]), shape);
			const onDevice = ops().upload(maps, [maps.length]);
			const norm = ops().upload(Float32Array.of(1), [1]);
			const settings = { ...base, weightDecay: 0, clipNorm: null };
			for (const step of [1, 2])
				ops().adamW8bit(parameter, gradient, states, onDevice, norm, { ...settings, step });
			expectClose((await ops().read(parameter)).slice(0, 256), wave(256, 1), 0);
			const { m, v } = dequantise(await ops().readIntegers(states), maps, size);
			expect([...m.slice(0, 256), ...v.slice(0, 256)].every((x) => Math.abs(x) === 0)).toBe(true);
			expectClose(m.slice(256), [1.9e-4, 1.9e-4], 1e-6);
			expectClose(v.slice(256), [1.999e-9, 1.999e-9], 2e-5);
			ops().release(gradient, parameter, states, onDevice, norm);
		});
	});

	test('a norm that is not finite changes nothing', async () => {
		await withoutLeaks(ops(), async () => {
			const shape = packedShape(300);
			const parameter = ops().upload(wave(300, 1), [300]);
			const gradient = ops().upload(wave(300, 2), [300]);
			const before = Int32Array.from({ length: shape[0] * shape[1] }, (_, i) => i * 7919);
			const states = ops().upload(before, shape);
			const onDevice = ops().upload(maps, [maps.length]);
			for (const value of [NaN, Infinity]) {
				const norm = ops().upload(Float32Array.of(value), [1]);
				ops().adamW8bit(parameter, gradient, states, onDevice, norm, base);
				ops().adamW8bit(parameter, gradient, states, onDevice, norm, { ...base, clipNorm: null });
				ops().release(norm);
			}
			expectClose(await ops().read(parameter), wave(300, 1), 0);
			expect(await ops().readIntegers(states)).toEqual(before);
			ops().release(parameter, gradient, states, onDevice);
		});
	});
});

describe('the dynamic maps', () => {
	const signed = maps.subarray(0, 256);
	const unsigned = maps.subarray(256);

	test('have 256 values each, ascending, with zero and one and nothing at minus one', () => {
		expect(unsigned).toHaveLength(256);
		for (const map of [signed, unsigned])
			expect([...map]).toEqual([...new Set(map)].sort((a, b) => a - b));
		expect([signed[127], signed[255], unsigned[0], unsigned[255]]).toEqual([0, 1, 0, 1]);
		expect(signed[0]).toBeCloseTo(-0.99296874, 7);
		expect(signed[128]! / 5.5e-7).toBeCloseTo(1, 6);
		expect(unsigned[1]! / 3.25e-7).toBeCloseTo(1, 6);
		expect(unsigned[127]).toBeCloseTo(0.10351562, 7);
	});

	test('have the sums of bitsandbytes’', () => {
		expect(signed.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
		expect(unsigned.reduce((sum, value) => sum + value, 0)).toBeCloseTo(75.105263, 4);
	});
});
