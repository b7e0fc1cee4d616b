import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './layerNorm.reference.ts';

onEveryBackend('layerNorm', (ops) => {
	test.each([
		[1, 2],
		[3, 7],
		[200, 16],
		[5, 200],
		[130, 64],
		[4, 1030],
	])('%i rows of %i', async (rows, width) => {
		await withoutLeaks(ops(), async () => {
			const xs = wave(rows * width, 1, 3);
			const ws = wave(width, 3).map((value) => 1 + 0.2 * value);
			const bs = wave(width, 4);
			const x = ops().upload(xs, [rows, width]);
			const weight = ops().upload(ws, [width]);
			const bias = ops().upload(bs, [width]);
			const y = ops().layerNorm(x, weight, bias, 1e-5);
			expectClose(await take(ops(), y), reference.layerNorm(xs, ws, bs, 1e-5));
			ops().release(x, weight, bias);
		});
	});

	test('keeps the digits of rows far from zero', async () => {
		await withoutLeaks(ops(), async () => {
			const xs = wave(6 * 48).map((value) => 1000 + value);
			const ws = wave(48, 2);
			const bs = wave(48, 3);
			const x = ops().upload(xs, [6, 48]);
			const weight = ops().upload(ws, [48]);
			const bias = ops().upload(bs, [48]);
			const y = ops().layerNorm(x, weight, bias, 1e-5);
			// A step of float32 at 1000 is 6e-5, and the mean may be off by a few; the mean of squares less the square of
			// the mean would be off by 0.1.
			expectClose(await take(ops(), y), reference.layerNorm(xs, ws, bs, 1e-5), 2e-4);
			ops().release(x, weight, bias);
		});
	});
});
