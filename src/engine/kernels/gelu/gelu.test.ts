import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './gelu.reference.ts';

onEveryBackend('gelu', (ops) => {
	test.each([1, 63, 1000, 70_000])('%i elements', async (size) => {
		await withoutLeaks(ops(), async () => {
			const xs = wave(size, 1, 2);
			const x = ops().upload(xs, [1, size]);
			expectClose(await take(ops(), ops().gelu(x)), reference.gelu(xs), 5e-7);
			ops().release(x);
		});
	});

	test('is right where it bends, which the tanh approximation is not', async () => {
		await withoutLeaks(ops(), async () => {
			const xs = Float32Array.from({ length: 200 }, (_, i) => -4 + i / 50);
			const x = ops().upload(xs, [200]);
			expectClose(await take(ops(), ops().gelu(x)), reference.gelu(xs), 1e-6);
			ops().release(x);
		});
	});

	test('large negative and positive values stay finite', async () => {
		await withoutLeaks(ops(), async () => {
			const xs = Float32Array.of(-1e30, -200, -13, -6, 0, 6, 13, 200, 1e4);
			const x = ops().upload(xs, [9]);
			expectClose(await take(ops(), ops().gelu(x)), reference.gelu(xs));
			ops().release(x);
		});
	});
});
