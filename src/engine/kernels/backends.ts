/** Runs one kernel test on every backend; a missing device is reported as skipped, never passed. */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Ops, Tensor } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { createWasmOps } from '../wasm/ops.ts';
import { createWebGpuOps } from '../webgpu/ops.ts';
import { blockSize } from './adamW8bit/layout.ts';

const hasGpu = typeof navigator !== 'undefined' && 'gpu' in navigator;

const backends = [
	{ name: 'reference', present: true, create: () => Promise.resolve(createReferenceOps()) },
	{ name: 'wasm', present: true, create: () => createWasmOps() },
	{ name: 'webgpu', present: hasGpu, create: () => createWebGpuOps() },
] as const;

export type BackendName = (typeof backends)[number]['name'];

/** Declares the tests of `declare` once per backend; `ops()` is valid inside tests. */
export function onEveryBackend(
	title: string,
	declare: (ops: () => Ops, backend: BackendName) => void,
	only: readonly BackendName[] = ['reference', 'wasm', 'webgpu'],
): void {
	for (const { name, present, create } of backends) {
		if (!only.includes(name)) continue;
		describe.skipIf(!present)(`${title} on ${name}`, () => {
			let current: Ops | undefined;
			beforeAll(async () => {
				current = await create();
			});
			afterAll(() => current?.dispose());
			declare(() => {
				if (current === undefined) throw new Error('no backend: use ops() inside a test');
				return current;
			}, name);
		});
	}
}

/** Non-uniform, reproducible values with a few outliers. */
export function wave(size: number, phase = 1, amplitude = 1): Float32Array {
	return Float32Array.from({ length: size }, (_, i) => {
		const outlier = i % 61 === 17 ? 4 : 1;
		return amplitude * outlier * Math.sin(i * (0.7 + 0.13 * phase) + phase * phase);
	});
}

/** Passes where |actual - expected| <= tolerance * (largest |expected|); names the first miss. */
export function expectClose(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	tolerance = 2e-6,
): void {
	expect(actual.length).toBe(expected.length);
	let scale = 0;
	for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
	expect(scale, 'the expected values are all zero: the test would prove nothing').toBeGreaterThan(
		0,
	);
	for (let i = 0; i < expected.length; i++) {
		const error = Math.abs(actual[i]! - expected[i]!) / scale;
		if (!(error <= tolerance))
			expect.fail(
				`index ${i} of ${expected.length}: ${actual[i]} instead of ${expected[i]} (relative ${error})`,
			);
	}
}

/** Passes where the values are equal, but for one in 200 at most, which a last digit rounds to a neighbour. */
export function expectSameRounding(actual: Float32Array, expected: Float32Array): void {
	let others = 0;
	for (const [i, value] of expected.entries()) {
		if (actual[i] === value) continue;
		expect(Math.abs(actual[i]! - value), `element ${i}`).toBeLessThanOrEqual(Math.abs(value) / 127);
		others += 1;
	}
	expect(others).toBeLessThanOrEqual(expected.length / 200);
}

/**
 * Passes where the moments are equal to 1e-6 of their block's largest, but for one in 500 at most: a last digit decides
 * between two codes, whose values are no more than two steps of the map's coarsest decade apart.
 */
export function expectSameCodes(actual: Float32Array, expected: Float32Array): void {
	expect(actual.length).toBe(expected.length);
	let others = 0;
	for (let start = 0; start < expected.length; start += blockSize) {
		const block = expected.subarray(start, start + blockSize);
		const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
		for (const [i, value] of block.entries()) {
			const error = Math.abs(actual[start + i]! - value);
			if (!(error <= (largest * 2 * 0.9) / 64))
				expect.fail(`element ${start + i}: ${actual[start + i]} instead of ${value}`);
			if (error > largest * 1e-6) others += 1;
		}
	}
	expect(others).toBeLessThanOrEqual(expected.length / 500);
}

/** Runs a test body and asserts that it released every tensor it made. */
export async function withoutLeaks(ops: Ops, body: () => Promise<void>): Promise<void> {
	const before = ops.memory().tensors;
	await body();
	expect(ops.memory().tensors, 'tensors left over').toBe(before);
}

/** Reads and releases. */
export async function take(ops: Ops, tensor: Tensor): Promise<Float32Array> {
	const values = await ops.read(tensor);
	ops.release(tensor);
	return values;
}
