// Tiles of 8-bit weights in 16-bit floats give the products of the reference, in both layouts and sizes of tiles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectClose, take, wave } from '../kernels/backends.ts';
import { linear, linearBackwardInput } from '../kernels/linear/linear.reference.ts';
import { asStored } from '../kernels/weightFormats/formats.ts';
import { createWebGpuOps, type WebGpuOps } from './ops.ts';

const dawn = typeof process === 'undefined' ? null : await import('webgpu').catch(() => null);

/** The adapter of the other tests or, where it has no 16-bit floats, that of Mesa. */
async function findGpu(): Promise<GPU | null> {
	const first = (globalThis.navigator as Navigator | undefined)?.gpu;
	for (const gpu of [first, dawn?.create(['backend=vulkan', 'adapter=llvmpipe'])]) {
		const adapter = await gpu?.requestAdapter().catch(() => null);
		if (gpu && adapter?.features.has('shader-f16')) return gpu;
	}
	return null;
}

const gpu = await findGpu();

// Rows, inputs, outputs: one tile and less, ends inside tiles, and enough for tiles of 64.
const shapes = [
	[3, 64, 5],
	[70, 128, 201],
	[130, 192, 70],
	[650, 64, 640],
	[640, 640, 33],
] as const;

describe.skipIf(gpu === null)('8-bit weights in half tiles', () => {
	let ops: WebGpuOps;
	beforeAll(async () => {
		ops = await createWebGpuOps({
			gpu: gpu!,
			variant: 'tiled',
			halfTiles: true,
			compileAhead: false,
		});
	});
	afterAll(() => {
		ops.dispose();
	});

	test.each(shapes)('%i rows, %i in, %i out', async (...shape) => {
		expect(ops.products.halfTiles).toBe(true);
		const [rows, inputs, outputs] = shape;
		const xs = wave(rows * inputs, 1);
		const dys = wave(rows * outputs, 3);
		// Scales far from one another, some of them below what 16 bits can hold.
		const values = wave(outputs * inputs, 2, 0.3).map(
			(value, i) => value * 10 ** ((Math.floor(i / 64) % 7) - 6),
		);
		const weight = ops.uploadWeight(values, [outputs, inputs], 'int8');
		const stored = asStored(values, 'int8');
		const x = ops.upload(xs, [rows, inputs]);
		const dy = ops.upload(dys, [rows, outputs]);
		const dx = ops.linearBackwardInput(dy, weight);
		expectClose(await take(ops, ops.linear(x, weight)), linear(xs, stored, shape), 3e-6);
		expectClose(await take(ops, dx), linearBackwardInput(dys, stored, shape), 3e-6);
		ops.release(x, dy, weight);
	});
});
