import { expect, test } from 'vitest';
import { symmetricEigenvalues } from './eigenvalues.ts';
import { expectClose, wave } from './kernels/backends.ts';

const unpaused = () => Promise.resolve();

test('known spectra: of a chain, of a projection, of one number', async () => {
	const size = 9;
	const chain = Float64Array.from({ length: size * size }, (_, at) => {
		const distance = Math.abs(Math.floor(at / size) - (at % size));
		return [2, -1][distance] ?? 0;
	});
	// Second differences with fixed ends: 2 - 2 cos(k pi / (n + 1)).
	const expected = Array.from(chain.subarray(0, size), (_, k) => {
		return 2 - 2 * Math.cos(((k + 1) * Math.PI) / (size + 1));
	});
	expectClose(await symmetricEigenvalues(chain, size, unpaused), expected, 1e-14);

	const ones = new Float64Array(36).fill(1);
	expectClose(await symmetricEigenvalues(ones, 6, unpaused), [0, 0, 0, 0, 0, 6], 1e-14);
	expectClose(await symmetricEigenvalues(Float64Array.of(-3), 1, unpaused), [-3], 0);
	const zeros = await symmetricEigenvalues(new Float64Array(16), 4, unpaused);
	expect([...zeros]).toEqual([0, 0, 0, 0]);
});

test('sums of powers of the eigenvalues are traces of powers of the matrix', async () => {
	const size = 40;
	const values = wave(size * size);
	const matrix = Float64Array.from(values, (_, at) => {
		const [i, j] = [Math.floor(at / size), at % size];
		return values[i * size + j]! + values[j * size + i]!;
	});
	const square = Float64Array.from(matrix, (_, at) => {
		const [i, j] = [Math.floor(at / size), at % size];
		let sum = 0;
		for (let k = 0; k < size; k++) sum += matrix[i * size + k]! * matrix[k * size + j]!;
		return sum;
	});
	let [trace, traceOfSquare, traceOfCube] = [0, 0, 0];
	for (let i = 0; i < size; i++) {
		trace += matrix[i * size + i]!;
		traceOfSquare += square[i * size + i]!;
		for (let k = 0; k < size; k++) traceOfCube += square[i * size + k]! * matrix[k * size + i]!;
	}
	let steps = 0;
	const found = await symmetricEigenvalues(matrix, size, () => Promise.resolve(steps++));
	const power = (exponent: number) => found.reduce((sum, value) => sum + value ** exponent, 0);
	expectClose([power(1)], [trace], 1e-11);
	expectClose([power(2)], [traceOfSquare], 1e-12);
	expectClose([power(3)], [traceOfCube], 1e-11);
	expect([...found]).toEqual([...found].sort((a, b) => a - b));
	expect(steps).toBe(size);
});

test('ends where the pause throws', async () => {
	const stop = () => Promise.reject(new Error('stopped'));
	await expect(symmetricEigenvalues(new Float64Array(9), 3, stop)).rejects.toThrow('stopped');
});
