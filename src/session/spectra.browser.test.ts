/** Spectra on threads are those of this one; they end when they are told to. */
import { expect, test } from 'vitest';
import { spectraHere } from '../selection/heavyTail.ts';
import { withSpectra } from './spectra.ts';

/** A symmetric matrix that is different everywhere. */
function matrixOf(size: number, phase: number): Float32Array {
	return Float32Array.from({ length: size * size }, (_, at) => {
		const [i, j] = [Math.floor(at / size), at % size];
		return Math.sin(phase + (i + 1) * (j + 1)) + Math.sin(phase + (i + j) / 3);
	});
}

const unchecked = () => undefined;

test('as many at once as there are threads, each with its own result', async () => {
	const sizes = [3, 40, 17];
	const here = spectraHere(() => Promise.resolve());
	const expected = await Promise.all(sizes.map((n) => here.eigenvalues(matrixOf(n, n), n)));
	await withSpectra(unchecked, async (spectra) => {
		expect(spectra.atOnce).toBeGreaterThanOrEqual(1);
		for (const [at, size] of sizes.entries())
			expect(await spectra.eigenvalues(matrixOf(size, size), size)).toEqual(expected[at]);
		const many = Array.from({ length: spectra.atOnce }, () =>
			spectra.eigenvalues(matrixOf(17, 17), 17),
		);
		for (const found of await Promise.all(many)) expect(found).toEqual(expected[2]);
	});
});

test('an order to stop ends a large matrix at once', async () => {
	const size = 1500;
	const stop = () => {
		throw Object.assign(new Error('Stopped on request'), { name: 'Cancelled' });
	};
	const work = withSpectra(stop, (spectra) => spectra.eigenvalues(matrixOf(size, 1), size));
	await expect(work).rejects.toMatchObject({ name: 'Cancelled' });
});
