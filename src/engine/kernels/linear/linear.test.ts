import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './linear.reference.ts';

// [rows, inputs, outputs]: single element, odd, around tile sizes, production-like.
const shapes = [
	[1, 1, 1],
	[1, 64, 97],
	[3, 5, 7],
	[17, 33, 19],
	[64, 64, 64],
	[65, 129, 66],
	[128, 172, 64],
	[96, 344, 128],
] as const;

onEveryBackend('linear', (ops) => {
	test.each(shapes)('%i rows, %i in, %i out', async (...shape) => {
		const [rows, inputs, outputs] = shape;
		await withoutLeaks(ops(), async () => {
			const [xs, ws] = [wave(rows * inputs, 1), wave(outputs * inputs, 2, 0.3)];
			const dys = wave(rows * outputs, 3);
			const x = ops().upload(xs, [rows, inputs]);
			const weight = ops().upload(ws, [outputs, inputs]);
			const dy = ops().upload(dys, [rows, outputs]);
			const y = ops().linear(x, weight);
			const dx = ops().linearBackwardInput(dy, weight);
			const dWeight = ops().linearBackwardWeight(dy, x);
			expectClose(await take(ops(), y), reference.linear(xs, ws, shape), 3e-6);
			expectClose(await take(ops(), dx), reference.linearBackwardInput(dys, ws, shape), 3e-6);
			expectClose(await take(ops(), dWeight), reference.linearBackwardWeight(dys, xs, shape), 3e-6);
			ops().release(x, weight, dy);
		});
	});

	test('bias and residual are added', async () => {
		await withoutLeaks(ops(), async () => {
			const shape = [9, 12, 10] as const;
			const [xs, ws, bs, rs] = [wave(108, 1), wave(120, 2), wave(10, 3), wave(90, 4)];
			const x = ops().upload(xs, [9, 12]);
			const weight = ops().upload(ws, [10, 12]);
			const bias = ops().upload(bs, [10]);
			const residual = ops().upload(rs, [9, 10]);
			const expected = reference.linear(xs, ws, shape, bs, rs);
			expectClose(await take(ops(), ops().linear(x, weight, { bias, residual })), expected);
			const biased = reference.linear(xs, ws, shape, bs);
			expectClose(await take(ops(), ops().linear(x, weight, { bias })), biased);
			expectClose(await ops().read(residual), rs, 0);
			ops().release(x, weight, bias, residual);
		});
	});

	test('`into` accumulates', async () => {
		await withoutLeaks(ops(), async () => {
			const shape = [11, 8, 6] as const;
			const [xs, ws, dys] = [wave(88, 1), wave(48, 2), wave(66, 3)];
			const x = ops().upload(xs, [11, 8]);
			const weight = ops().upload(ws, [6, 8]);
			const dy = ops().upload(dys, [11, 6]);
			const dx = ops().upload(wave(88, 5), [11, 8]);
			const dWeight = ops().upload(wave(48, 6), [6, 8]);
			const dBias = ops().upload(wave(6, 7), [6]);
			ops().linearBackwardInput(dy, weight, dx);
			ops().linearBackwardWeight(dy, x, dWeight);
			ops().sumRows(dy, dBias);
			const plus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + b[i]!);
			expectClose(
				await take(ops(), dx),
				plus(reference.linearBackwardInput(dys, ws, shape), wave(88, 5)),
			);
			expectClose(
				await take(ops(), dWeight),
				plus(reference.linearBackwardWeight(dys, xs, shape), wave(48, 6)),
			);
			expectClose(await take(ops(), dBias), plus(reference.sumRows(dys, 11, 6), wave(6, 7)));
			ops().release(x, weight, dy);
		});
	});

	test('sums rows', async () => {
		await withoutLeaks(ops(), async () => {
			const dy = ops().upload(wave(300 * 70), [300, 70]);
			expectClose(await take(ops(), ops().sumRows(dy)), reference.sumRows(wave(21000), 300, 70));
			ops().release(dy);
		});
	});
});
