import { expect, test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';

onEveryBackend('rows', (ops) => {
	test('gathers rows, repeated ones too', async () => {
		await withoutLeaks(ops(), async () => {
			const table = ops().upload(wave(50 * 33), [50, 33]);
			const picked = [49, 0, 7, 7, 31];
			const indices = ops().upload(Int32Array.from(picked), [5]);
			const expected = picked.flatMap((row) => [...wave(1650).subarray(row * 33, row * 33 + 33)]);
			expectClose(await take(ops(), ops().gatherRows(table, indices)), expected, 0);
			ops().release(table, indices);
		});
	});

	test('scatter-adds rows, repeated ones summed, negative ones skipped', async () => {
		await withoutLeaks(ops(), async () => {
			const rows = 700;
			const width = 65;
			const targets = Int32Array.from({ length: rows }, (_, r) =>
				r % 13 === 5 ? -1 : (r * r + 3 * r) % 40,
			);
			const dys = wave(rows * width, 2);
			const expected = Float64Array.from(wave(40 * width, 3));
			targets.forEach((index, r) => {
				if (index >= 0)
					for (let i = 0; i < width; i++) expected[index * width + i]! += dys[r * width + i]!;
			});
			const target = ops().upload(wave(40 * width, 3), [40, width]);
			const indices = ops().upload(targets, [rows]);
			const dy = ops().upload(dys, [rows, width]);
			ops().scatterAddRows(target, indices, dy);
			expectClose(await take(ops(), target), expected);
			ops().release(indices, dy);
		});
	});

	test('writes rows where the index is not negative', async () => {
		await withoutLeaks(ops(), async () => {
			const target = ops().upload(wave(6 * 8, 1), [6, 8]);
			const rows = ops().upload(wave(3 * 8, 4), [3, 8]);
			const indices = ops().upload(Int32Array.of(5, -1, 0), [3]);
			ops().writeRows(target, indices, rows);
			const expected = wave(48, 1);
			expected.set(wave(24, 4).subarray(0, 8), 40);
			expected.set(wave(24, 4).subarray(16, 24), 0);
			expectClose(await take(ops(), target), expected, 0);
			ops().release(rows, indices);
		});
	});

	test('argmax takes the first of equals', async () => {
		await withoutLeaks(ops(), async () => {
			const values = Float32Array.from({ length: 4 * 300 }, (_, i) => Math.sin(i));
			values[10] = 9;
			values[250] = 9;
			values[300 + 299] = 3;
			values.fill(-2, 600, 900);
			values[900] = 5;
			const x = ops().upload(values, [4, 300]);
			const best = ops().argmaxRows(x);
			expect([...(await ops().readIntegers(best))]).toEqual([10, 299, 0, 0]);
			ops().release(x, best);
		});
	});

	test('writes, reads parts, copies, fills, adds', async () => {
		await withoutLeaks(ops(), async () => {
			const x = ops().zeros([10, 10]);
			ops().write(x, wave(20), 30);
			const copy = ops().copy(x);
			ops().fill(x, 2);
			ops().add(x, copy);
			expectClose(
				await ops().read(x, 30, 20),
				wave(20).map((value) => value + 2),
			);
			expect([...(await ops().read(copy, 28, 2))]).toEqual([0, 0]);
			expectClose(await ops().read(copy, 30, 20), wave(20), 0);
			ops().release(x, copy);
		});
	});
});
