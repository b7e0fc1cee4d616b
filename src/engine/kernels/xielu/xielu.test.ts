import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './xielu.reference.ts';

const numbers = { alphaP: 0.4, alphaN: -0.9, beta: 0.5, epsilon: -1e-6 };

onEveryBackend('xielu', (ops) => {
	const agrees = (rows: number, xs: Float32Array, dOuts: Float32Array, of = numbers) =>
		withoutLeaks(ops(), async () => {
			const width = xs.length / rows;
			const x = ops().upload(xs, [rows, width]);
			const dOut = ops().upload(dOuts, [rows, width]);
			const { beta, epsilon } = of;
			const alphaP = ops().upload(Float32Array.of(of.alphaP), [1]);
			const alphaN = ops().upload(Float32Array.of(of.alphaN), [1]);
			const curve = { alphaP, alphaN, beta, epsilon };
			expectClose(await take(ops(), ops().xielu(x, curve)), reference.xielu(xs, of));
			const sums = ops().xieluBackwardAlphas(dOut, x, curve);
			const expected = reference.xieluBackwardAlphas(dOuts, xs, width, of);
			expectClose(await take(ops(), sums.alphaP), expected.alphaP, 5e-6);
			expectClose(await take(ops(), sums.alphaN), expected.alphaN, 5e-6);
			ops().xieluBackwardInPlace(dOut, x, curve);
			expectClose(await take(ops(), dOut), reference.xieluBackward(dOuts, xs, of));
			ops().release(x, alphaP, alphaN);
		});

	test.each([
		[1, 9],
		[3, 21],
		[17, 100],
		[70, 1001],
	])('%i rows of %i, forward and backward', (rows, width) =>
		agrees(rows, wave(rows * width, 1, 2), wave(rows * width, 3)),
	);

	test('is right around 0, where its two sides meet', () => {
		const xs = Float32Array.from({ length: 101 }, (_, i) => (i - 50) / 100);
		xs.set([-1e-7, -2e-6, 1e-7], 98);
		return agrees(1, xs, new Float32Array(101).fill(1));
	});

	test('steep and flat curves, far from 0', () =>
		agrees(
			1,
			Float32Array.of(-90, -20, -5, -0.4, 0, 0.4, 5, 20),
			Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
			{ alphaP: 20, alphaN: -20, beta: 0.25, epsilon: -1e-3 },
		));
});
