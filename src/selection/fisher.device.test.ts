/** Fisher information of layers, against plain sums over every sample's whole gradient, on every backend. */
import { describe, expect, test } from 'vitest';
import type { FisherAggregation } from '../contract/selection.ts';
import type { TokenBlock } from '../contract/training.ts';
import { createGradients } from '../engine/gradients.ts';
import { expectClose, onEveryBackend, withoutLeaks } from '../engine/kernels/backends.ts';
import { forwardBackward } from '../engine/model/decoder.ts';
import { releaseSequences, uploadSequences } from '../engine/model/sequences.ts';
import { releaseDecoder } from '../engine/model/load.ts';
import { type Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { tinyConfig, tinyDecoder } from '../engine/testing.ts';
import { fisherScores } from './fisher.ts';

const config = { ...tinyConfig, layers: 2, windows: [null, null] };
const length = 12;

/** A row that is graded to its end, one that is padded behind, and one with a single target, on its second token. */
const block: TokenBlock = {
	count: 3,
	sequenceLength: length,
	inputIds: Int32Array.of(
		...[3, 9, 27, 1, 4, 12, 36, 28, 4, 13, 39, 37],
		...[7, 8, 9, 10, 2, 2, 2, 2, 2, 2, 2, 2],
		...[5, 5, 25, 5, 30, 2, 2, 2, 2, 2, 2, 2],
	),
	targets: Int32Array.of(
		...[9, 27, 1, 4, 12, 36, 28, 4, 13, 39, 37, 2],
		...[8, 9, 10, 2, -100, -100, -100, -100, -100, -100, -100, -100],
		...[-100, 0, -100, -100, -100, -100, -100, -100, -100, -100, -100, -100],
	),
};

/** Gradient of -log p of one sample's targets, from the whole padded row, of every parameter of the layers. */
async function gradientsOf(ops: Ops, decoder: Decoder, sample: number) {
	const gradients = createGradients(ops, new Set(decoder.parameters.keys()));
	const row = (ids: TokenBlock['inputIds']) => ids.slice(sample * length, (sample + 1) * length);
	const sequences = uploadSequences(ops, row(block.inputIds), 1, length);
	const plan = { firstBlock: 0, trainsEmbedding: false, recompute: false };
	ops.release(...forwardBackward(ops, decoder, sequences, row(block.targets), 1, plan, gradients));
	releaseSequences(ops, sequences);
	const values = new Map<string, Float32Array>();
	for (const [name, gradient] of gradients.tensors)
		if (name.startsWith('model.layers.')) values.set(name, await ops.read(gradient));
	gradients.clear();
	return values;
}

/** Slow and obvious: all gradients of all samples, squared in doubles. */
async function expectedScores(ops: Ops, decoder: Decoder) {
	const scores = { sum: [0, 0], mean: [0, 0], frobenius: [0, 0] };
	const information = new Map<string, Float64Array>();
	for (let sample = 0; sample < block.count; sample++)
		for (const [name, gradient] of await gradientsOf(ops, decoder, sample)) {
			const means = information.get(name) ?? new Float64Array(gradient.length);
			information.set(name, means);
			for (const [i, value] of gradient.entries()) means[i]! += value ** 2 / block.count;
		}
	const sizes = [0, 0];
	for (const [name, means] of information) {
		const layer = Number(name.split('.')[2]);
		sizes[layer]! += means.length;
		scores.sum[layer]! += means.reduce((sum, mean) => sum + mean, 0);
		scores.frobenius[layer]! += Math.hypot(...means);
	}
	scores.mean = scores.sum.map((sum, layer) => sum / sizes[layer]!);
	return scores;
}

const aggregations: readonly FisherAggregation[] = ['sum', 'mean', 'frobenius'];

onEveryBackend('Fisher information', (ops) => {
	const withDecoder = (body: (decoder: Decoder) => Promise<void>) =>
		withoutLeaks(ops(), async () => {
			const decoder = await tinyDecoder(ops(), config);
			await body(decoder);
			releaseDecoder(ops(), decoder);
		});

	test('each layer’s score is as from whole gradients, and every sample is told', () =>
		withDecoder(async (decoder) => {
			const expected = await expectedScores(ops(), decoder);
			for (const aggregation of aggregations) {
				const told: string[] = [];
				const scores = await fisherScores(ops(), decoder, block, aggregation, (done, total) => {
					told.push(`${done}/${total}`);
				});
				expectClose(scores, expected[aggregation], 1e-4);
				expect(told).toEqual(['1/3', '2/3', '3/3']);
			}
		}));

	test('what is thrown between samples ends the work, and nothing is left over', () =>
		withDecoder(async (decoder) => {
			for (const aggregation of aggregations) {
				let samples = 0;
				const stop = () => {
					if (++samples === 2) throw new Error('stopped');
				};
				await expect(fisherScores(ops(), decoder, block, aggregation, stop)).rejects.toThrow(
					/^stopped$/,
				);
				expect(samples).toBe(2);
			}
		}));

	describe('a gradient that is not a number is refused', () => {
		/** Token 8 is in the second sample alone. */
		const spoil = (decoder: Decoder) => {
			const { shape } = decoder.embedding.tensor;
			const row = ops().upload(new Float32Array(shape[1]!).fill(NaN), [1, shape[1]!]);
			const place = ops().upload(Int32Array.of(8), [1]);
			ops().writeRows(decoder.embedding.tensor, place, row);
			ops().release(row, place);
		};

		test.each([
			['sum', 'layer 0'],
			['mean', 'layer 0'],
			['frobenius', 'model.layers.'],
		] as const)('%s', (aggregation, where) =>
			withDecoder(async (decoder) => {
				spoil(decoder);
				let done = 0;
				const scores = fisherScores(ops(), decoder, block, aggregation, () => done++);
				const error = await scores.catch((thrown: unknown) => thrown as Error);
				expect(error).toMatchObject({ name: 'NotFinite' });
				expect((error as Error).message).toMatch(
					/^Sample 2: the gradient of .* is NaN; look for damaged weights, or leave the row out$/,
				);
				expect((error as Error).message).toContain(`of ${where}`);
				expect(done).toBe(1);
			}),
		);
	});
});
