/** Pooling, the mix and its layer norm against plain sums over the states of single texts. */
import { expect, test } from 'vitest';
import type { CometOptions, EncoderConfig } from '../../contract/comet.ts';
import { expectClose, onEveryBackend } from '../kernels/backends.ts';
import { createRandom, normal } from '../random.ts';
import { embedTexts } from './embedTexts.ts';
import { encode, inputRows, textBatch } from './encoder.ts';
import { type Comet, cometShapes, type CometValues, loadComet } from './weights.ts';

const config: EncoderConfig = {
	hiddenSize: 16,
	intermediateSize: 20,
	layers: 3,
	heads: 2,
	vocabularySize: 30,
	positions: 20,
	tokenTypes: 1,
	layerNormEpsilon: 1e-5,
	padTokenId: 1,
};

/** Norms near 1, everything else normal with standard deviation 0.3. */
function randomValues(): CometValues {
	const random = createRandom(4);
	const sizes = new Map([
		['estimator.ff.0.weight', [8, 96]],
		['estimator.ff.3.weight', [1, 8]],
	]);
	const inFile = { names: [...sizes.keys()], shape: (name: string) => sizes.get(name) ?? [] };
	const shapes = new Map(cometShapes(config, inFile).map((one) => [one.name, one] as const));
	const values = new Map<string, Float32Array>();
	for (const { name, shape } of shapes.values()) {
		const size = shape.reduce((a, b) => a * b, 1);
		const centre = /Norm\.weight|gamma/.test(name) ? 1 : 0;
		values.set(
			name,
			Float32Array.from({ length: size }, () => centre + 0.3 * normal(random)),
		);
	}
	const read = (name: string) => values.get(name)!;
	return {
		names: [...shapes.keys()],
		shape: (name) => shapes.get(name)!.shape,
		read: (name) => Promise.resolve(read(name)),
		readRows: (name, rows) =>
			Promise.resolve(
				Float32Array.from(rows.flatMap((row) => [...read(name).slice(row * 16, row * 16 + 16)])),
			),
	};
}

const texts = [
	[0, 5, 2],
	[0, 7, 8, 9, 10, 11, 12, 2],
	[0, 2],
	[0, 29, 3, 4, 2],
];

onEveryBackend('embeddings of texts', (ops) => {
	/** States [tokens, hidden] of one text alone, layer by layer, off the device. */
	async function statesOf(comet: Comet, ids: readonly number[]): Promise<Float32Array[]> {
		const words = new Map<number, Float32Array>();
		for (const id of ids) words.set(id, await comet.embedding.words([id]));
		const batch = textBatch([ids]);
		const copies: ReturnType<ReturnType<typeof ops>['copy']>[] = [];
		encode(ops(), comet, batch, inputRows(comet, batch, words), (_, state) => {
			copies.push(ops().copy(state));
		});
		const states = await Promise.all(copies.map((copy) => ops().read(copy)));
		ops().release(...copies);
		return states;
	}

	/** As comet/modules/layerwise_attention.py and pooling_utils.py have it, one number after the other. */
	function expected(comet: Comet, states: readonly Float32Array[]): Float32Array {
		const { layerNorm, pool } = comet.options;
		const sum = new Float64Array(16);
		for (const [layer, state] of states.entries()) {
			const mean = layerNorm ? state.reduce((a, b) => a + b, 0) / state.length : 0;
			const variance = state.reduce((a, b) => a + (b - mean) ** 2, 0) / state.length;
			const sd = layerNorm ? Math.sqrt(variance + 1e-12) : 1;
			const tokens = pool === 'cls' ? 1 : state.length / 16;
			for (let token = 0; token < tokens; token++)
				for (let i = 0; i < 16; i++)
					sum[i]! +=
						(comet.gamma * comet.layerWeights[layer]! * (state[token * 16 + i]! - mean)) /
						sd /
						tokens;
		}
		return Float32Array.from(sum);
	}

	const all: CometOptions[] = [
		{ layerTransformation: 'sparsemax', layerNorm: false, pool: 'avg' },
		{ layerTransformation: 'softmax', layerNorm: false, pool: 'cls' },
		{ layerTransformation: 'softmax', layerNorm: true, pool: 'avg' },
		{ layerTransformation: 'softmax', layerNorm: true, pool: 'cls' },
	];
	test.each(all)('with %o', async (options) => {
		const before = ops().memory().tensors;
		const comet = await loadComet(ops(), config, options, randomValues(), () => undefined);
		const told: number[] = [];
		const vectors = await embedTexts(ops(), comet, texts, (done) => told.push(done));
		for (const [i, vector] of vectors.entries())
			expectClose(vector, expected(comet, await statesOf(comet, texts[i]!)), 2e-5);
		expect(told).toEqual([4]);
		comet.release();
		expect(ops().memory().tensors, 'tensors left over').toBe(before);
	});
});
