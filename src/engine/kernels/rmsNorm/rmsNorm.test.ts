import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './rmsNorm.reference.ts';

onEveryBackend('rmsNorm', (ops) => {
	test.each([
		[1, 1],
		[3, 7],
		[200, 16],
		[5, 200],
		[130, 64],
		[4, 1030],
	])('%i rows of %i, forward and backward', async (rows, width) => {
		await withoutLeaks(ops(), async () => {
			const [xs, dys] = [wave(rows * width, 1, 3), wave(rows * width, 2)];
			const ws = wave(width, 3).map((value) => 1 + 0.2 * value);
			const forward = reference.rmsNorm(xs, ws, 1e-5);
			const dxs = reference.rmsNormBackward(dys, xs, ws, forward.inverseRms);
			const dws = reference.rmsNormBackwardWeight(dys, xs, forward.inverseRms, width);

			const x = ops().upload(xs, [rows, width]);
			const weight = ops().upload(ws, [width]);
			const dy = ops().upload(dys, [rows, width]);
			const { y, inverseRms } = ops().rmsNorm(x, weight, 1e-5);
			expectClose(await take(ops(), y), forward.y);
			expectClose(await ops().read(inverseRms), forward.inverseRms);

			if (width > 1) {
				const dx = ops().rmsNormBackward(dy, x, weight, inverseRms);
				expectClose(await take(ops(), dx), dxs, 4e-6);
				const before = wave(rows * width, 5);
				const into = ops().upload(before, [rows, width]);
				ops().rmsNormBackward(dy, x, weight, inverseRms, into);
				expectClose(
					await take(ops(), into),
					dxs.map((value, i) => value + before[i]!),
					4e-6,
				);
			}
			const dWeight = ops().rmsNormBackwardWeight(dy, x, inverseRms);
			expectClose(await ops().read(dWeight), dws, 4e-6);
			ops().rmsNormBackwardWeight(dy, x, inverseRms, dWeight);
			expectClose(
				await take(ops(), dWeight),
				dws.map((value) => 2 * value),
				4e-6,
			);
			ops().release(x, weight, dy, inverseRms);
		});
	});

	test('normalises every head where the weight is narrower than the row', async () => {
		await withoutLeaks(ops(), async () => {
			const x = ops().upload(wave(6 * 48), [6, 48]);
			const weight = ops().upload(wave(16, 2), [16]);
			const { y, inverseRms } = ops().rmsNorm(x, weight, 1e-6);
			const expected = reference.rmsNorm(wave(288), wave(16, 2), 1e-6);
			expectClose(await take(ops(), y), expected.y);
			expectClose(await take(ops(), inverseRms), expected.inverseRms);
			ops().release(x, weight);
		});
	});
});
