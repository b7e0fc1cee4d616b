import { expect, test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './dropout.reference.ts';

onEveryBackend('dropout', (ops) => {
	test.each([
		[1, 0.5, 6],
		[63, 0.1, 7],
		[1000, 0.5, 4_000_000_000],
		[70_001, 0.9, 2],
	])('%i elements, rate %d, seed %d', async (size, rate, seed) => {
		await withoutLeaks(ops(), async () => {
			const values = wave(size).map((value) => value + 10);
			const x = ops().upload(values, [1, size]);
			const y = ops().dropout(x, rate, seed);
			expect(y.shape).toEqual([1, size]);
			const expected = reference.dropout(values, rate, seed);
			const dropped = await ops().read(y);
			// The mask is exact: nothing kept is 0 here.
			expect(dropped.map((value) => (value === 0 ? 1 : 0))).toEqual(
				expected.map((value) => (value === 0 ? 1 : 0)),
			);
			expectClose(dropped, expected);
			const sum = ops().upload(wave(size, 3), [1, size]);
			expect(ops().dropout(x, rate, seed, sum)).toBe(sum);
			expectClose(
				await take(ops(), sum),
				wave(size, 3).map((value, i) => value + expected[i]!),
			);
			ops().release(x, y);
		});
	});
});

test('the share that is dropped is the rate, other elements for other seeds, and the mean stays', () => {
	const ones = new Float32Array(100_000).fill(1);
	const [first, second] = [1, 2].map((seed) => reference.dropout(ones, 0.3, seed));
	const dropped = (y: Float32Array) => y.filter((value) => value === 0).length / y.length;
	expect(dropped(first!)).toBeCloseTo(0.3, 2);
	const both = first!.filter((value, i) => value === 0 && second![i] === 0).length / ones.length;
	expect(both).toBeCloseTo(0.09, 2);
	expect(first!.reduce((sum, value) => sum + value, 0) / ones.length).toBeCloseTo(1, 2);
});
