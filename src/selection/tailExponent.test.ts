import { describe, expect, test } from 'vitest';
import { symmetricEigenvalues } from '../engine/eigenvalues.ts';
import { createRandom } from '../engine/random.ts';
import { createReferenceOps } from '../engine/reference/ops.ts';
import { tinyDecoder } from '../engine/testing.ts';
import { gramEigenvalues, heavyTailScores, spectraHere, tailExponent } from './heavyTail.ts';

const pause = () => Promise.resolve();
const spectrum = (...values: number[]) => Float64Array.from(values);

describe('of the upper half', () => {
	test('Hill’s estimate', () => {
		// ln 1, ln 2, ln 4 above the median 8.
		const alpha = 1 + 4 / (6 * Math.LN2);
		expect(tailExponent(spectrum(1, 2, 4, 8, 16, 32, 64), 'median')).toBeCloseTo(alpha, 12);
		expect(tailExponent(spectrum(1, 2, 8, 16, 32, 64), 'median')).toBeCloseTo(
			1 + 3 / (3 * Math.LN2),
			12,
		);
	});

	test('more than half of the values may not be 0, beside the largest', () => {
		const least = 2 ** -23;
		expect(tailExponent(spectrum(0, 0, 1, 2), 'median')).toBeGreaterThan(1);
		expect(tailExponent(spectrum(0, 0, 0, 2), 'median')).toBeNaN();
		expect(tailExponent(spectrum(0, 0, 2 * least, 2), 'median')).toBeNaN();
		expect(tailExponent(spectrum(0, 0, 2.1 * least, 2), 'median')).toBeGreaterThan(1);
	});

	test('a flat one falls off at no finite rate', () => {
		expect(tailExponent(spectrum(3, 3, 3, 3), 'median')).toBe(Infinity);
	});
});

/** Every start tried in turn, as `xmin_peak` of AlphaPruning says it. */
function slowPeak(values: readonly number[]): number {
	const edges = Array.from({ length: 101 }, (_, i) => {
		const [low, high] = [Math.log10(values[0]!), Math.log10(values.at(-1)!)];
		return low + ((high - low) * i) / 100;
	});
	const inBin = (i: number) =>
		values.filter((value) => {
			const at = Math.log10(value);
			return at >= edges[i]! && (at < edges[i + 1]! || i === 99);
		}).length;
	const counts = edges.slice(0, -1).map((_, i) => inBin(i));
	const edge = 10 ** edges[counts.indexOf(Math.max(...counts))]!;
	const fits = values.slice(0, -1).flatMap((start, from) => {
		if (start <= Math.log10(0.95 * edge) || start >= 1.5 * edge) return [];
		const tail = values.slice(from);
		const alpha = 1 + tail.length / tail.reduce((sum, value) => sum + Math.log(value / start), 0);
		const apart = tail.map((value, j) =>
			Math.abs(1 - (value / start) ** (1 - alpha) - j / tail.length),
		);
		return [{ alpha, distance: Math.max(...apart) }];
	});
	fits.sort((a, b) => a.distance - b.distance);
	return fits[0]?.alpha ?? NaN;
}

describe('near the peak of the histogram', () => {
	test.each([1, 2, 3, 4, 5, 6, 7, 8])('as every start tried in turn, spectrum %i', (seed) => {
		const random = createRandom(seed);
		const exponent = 1.5 + 2 * random.next();
		// A power law, and a lump within it.
		const values = Array.from({ length: 80 }, (_, i) =>
			i < 20 ? 2 + random.next() : (1 - random.next()) ** (1 / (1 - exponent)),
		).sort((a, b) => a - b);
		const scaled = values.map((value) => value * 10 ** (seed - 4));
		expect(tailExponent(Float64Array.from(scaled), 'peak')).toBeCloseTo(slowPeak(scaled), 9);
	});

	test('a single value has no tail', () => {
		expect(tailExponent(spectrum(0, 0, 5), 'peak')).toBeNaN();
		expect(tailExponent(spectrum(5, 5, 5), 'peak')).toBeNaN();
	});
});

test('eigenvalues of the smaller Gram matrix, and their exponents averaged over the seven matrices of a layer', async () => {
	const ops = createReferenceOps();
	const decoder = await tinyDecoder(ops);
	const spectra = spectraHere(pause);
	const expected: number[] = [];
	for (const block of decoder.blocks) {
		const { query, key, value, output, gate, up, down } = block;
		let sum = 0;
		for (const { weight } of [query, key, value, output, gate!, up, down]) {
			const found = await gramEigenvalues(ops, weight, spectra);
			const [rows, columns] = weight.tensor.shape as [number, number];
			const size = Math.min(rows, columns);
			const w = await ops.read(weight.tensor);
			// Of the rows' products, or of the columns' where those are fewer.
			const at = (i: number, k: number) =>
				rows <= columns ? w[i * columns + k]! : w[k * columns + i]!;
			const gram = Float64Array.from({ length: size * size }, (_, ij) => {
				const [i, j] = [Math.floor(ij / size), ij % size];
				let product = 0;
				for (let k = 0; k < Math.max(rows, columns); k++) product += at(i, k) * at(j, k);
				return product;
			});
			const eigenvalues = await symmetricEigenvalues(gram, size, pause);
			expect(found).toHaveLength(size);
			for (const [i, one] of found.entries()) expect(one).toBeCloseTo(eigenvalues[i]!, 4);
			sum += tailExponent(found, 'median');
		}
		expected.push(sum / 7);
	}
	const scores = await heavyTailScores(ops, decoder, 'median', spectra, () => undefined);
	expect(scores).toHaveLength(decoder.blocks.length);
	for (const [layer, score] of scores.entries()) expect(score).toBeCloseTo(expected[layer]!, 12);
});
