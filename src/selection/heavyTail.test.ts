import { expect, test } from 'vitest';
import { createReferenceOps } from '../engine/reference/ops.ts';
import { tinyDecoder } from '../engine/testing.ts';
import { heavyTailScores, spectraHere, tailExponent } from './heavyTail.ts';

const here = spectraHere(() => Promise.resolve());
const unheard = () => undefined;

test('a power law is found behind a body that is none', () => {
	const exponent = 2.6;
	// Quantiles of the power law above 1, and a body spread below it.
	const tail = Array.from({ length: 600 }, (_, i) => (1 - (i + 0.5) / 600) ** (1 / (1 - exponent)));
	const body = Array.from({ length: 200 }, (_, i) => 0.001 + (0.9 * i) / 200);
	const spectrum = Float64Array.from([...body, ...tail]);
	expect(Math.abs(tailExponent(spectrum, 'peak') - exponent)).toBeLessThan(0.05);
	// The median lies in the tail as well; of all values the estimate is far off.
	expect(Math.abs(tailExponent(spectrum, 'median') - exponent)).toBeLessThan(0.05);
	expect(
		tailExponent(Float64Array.from([...body, ...body, ...body]).sort(), 'median'),
	).toBeGreaterThan(3);
});

test('values below the resolution are no part of a peak’s spectrum', () => {
	const values = Array.from({ length: 50 }, (_, i) => 1.2 ** i);
	const zeros = [0, 1e-12, -1e-9];
	const spectrum = Float64Array.from([...zeros, ...values]).sort();
	expect(tailExponent(spectrum, 'peak')).toBe(tailExponent(Float64Array.from(values), 'peak'));
	expect(tailExponent(spectrum, 'peak')).toBeGreaterThan(1);
});

test('what has no tail is refused by name', async () => {
	const ops = createReferenceOps();
	const decoder = await tinyDecoder(ops);
	const { tensor } = decoder.blocks[2]!.up.weight;
	for (const cut of ['median', 'peak'] as const) {
		ops.fill(tensor, 0);
		await expect(heavyTailScores(ops, decoder, cut, here, unheard)).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringContaining('model.layers.2.mlp.up_proj.weight') as string,
		});
		ops.fill(tensor, NaN);
		await expect(heavyTailScores(ops, decoder, cut, here, unheard)).rejects.toMatchObject({
			name: 'NotFinite',
			message: expect.stringContaining('model.layers.2.mlp.up_proj.weight') as string,
		});
	}
});

test('spectra may come in any order, so many at once', async () => {
	const ops = createReferenceOps();
	const decoder = await tinyDecoder(ops);
	const expected = await heavyTailScores(ops, decoder, 'median', here, unheard);
	let running = 0;
	let most = 0;
	const spectra = {
		atOnce: 3,
		async eigenvalues(matrix: Float32Array, size: number) {
			most = Math.max(most, ++running);
			const found = await here.eigenvalues(matrix, size);
			await new Promise((resolve) => setTimeout(resolve, (7 * size) % 5));
			running--;
			return found;
		},
	};
	const told: number[] = [];
	const scores = await heavyTailScores(ops, decoder, 'median', spectra, (done) => {
		told.push(done);
	});
	expect(scores).toEqual(expected);
	expect(most).toBe(3);
	expect(told).toEqual(Array.from({ length: 7 * decoder.blocks.length }, (_, i) => i + 1));
});
