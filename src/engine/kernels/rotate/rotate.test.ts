import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import { rotate } from './rotate.reference.ts';

onEveryBackend('rotate', (ops) => {
	test.each([
		[1, 1, 2],
		[7, 3, 8],
		[130, 4, 32],
		[40, 2, 128],
	])('%i rows, %i heads of %i, there and back', async (rows, heads, headDim) => {
		await withoutLeaks(ops(), async () => {
			const xs = wave(rows * heads * headDim);
			const where = Int32Array.from({ length: rows }, (_, r) => (r * 7) % 500);
			const frequencies = Float32Array.from(
				{ length: headDim / 2 },
				(_, i) => 10000 ** ((-2 * i) / headDim),
			);
			const x = ops().upload(xs, [rows, heads * headDim]);
			const positions = ops().upload(where, [rows]);
			const inverseFrequency = ops().upload(frequencies, [headDim / 2]);
			ops().rotate(x, positions, inverseFrequency, 1);
			// float32 angles of up to 500 radians carry an error of 3e-5
			expectClose(await ops().read(x), rotate(xs, where, frequencies, 1), 4e-5);
			ops().rotate(x, positions, inverseFrequency, -1);
			expectClose(await take(ops(), x), xs, 2e-6);
			ops().release(positions, inverseFrequency);
		});
	});
});
