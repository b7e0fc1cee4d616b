import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';

onEveryBackend('scale', (ops) => {
	test.each([1, 63, 1000, 70_000])('%i elements', async (size) => {
		await withoutLeaks(ops(), async () => {
			const xs = wave(size);
			const x = ops().upload(xs, [1, size]);
			ops().scaleInPlace(x, -0.22);
			const expected = Float32Array.from(xs, (value) => value * -0.22);
			expectClose(await take(ops(), x), expected, 1e-7);
		});
	});
});
