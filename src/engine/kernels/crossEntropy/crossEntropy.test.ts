import { expect, test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import { crossEntropy } from './crossEntropy.reference.ts';

onEveryBackend('crossEntropy', (ops) => {
	test.each([
		[1, 2],
		[5, 97],
		[33, 513],
		[3, 5000],
	])('%i rows of %i logits', async (rows, width) => {
		await withoutLeaks(ops(), async () => {
			const values = wave(rows * width, 2, 8);
			const targets = Int32Array.from({ length: rows }, (_, r) =>
				r % 4 === 2 ? -100 : (r * 31) % width,
			);
			const expected = crossEntropy(values, targets, 0.125);
			const logits = ops().upload(values, [rows, width]);
			const labels = ops().upload(targets, [rows]);
			expectClose(await take(ops(), ops().crossEntropy(logits, labels, null)), expected.losses);
			expectClose(await ops().read(logits), values, 0);
			expectClose(await take(ops(), ops().crossEntropy(logits, labels, 0.125)), expected.losses);
			expectClose(await take(ops(), logits), expected.gradient);
			ops().release(labels);
		});
	});

	test('a logit that is not a number reaches the loss', async () => {
		await withoutLeaks(ops(), async () => {
			const values = wave(3 * 70);
			values[75] = NaN;
			const logits = ops().upload(values, [3, 70]);
			const labels = ops().upload(Int32Array.of(1, 2, 3), [3]);
			const losses = await take(ops(), ops().crossEntropy(logits, labels, 1));
			expect(Number.isFinite(losses[0])).toBe(true);
			expect(Number.isFinite(losses[1])).toBe(false);
			expect(Number.isFinite(losses[2])).toBe(true);
			ops().release(logits, labels);
		});
	});
});
