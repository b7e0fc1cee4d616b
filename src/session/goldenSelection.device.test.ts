/** Scores that layers are chosen by, against numbers from numpy and PyTorch, on every backend. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectClose, onEveryBackend, withoutLeaks } from '../engine/kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/load.ts';
import { type Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { fisherScores } from '../selection/fisher.ts';
import {
	gramEigenvalues,
	heavyTailScores,
	spectraHere,
	tailExponent,
} from '../selection/heavyTail.ts';
import { languageNeurons, lapeScores } from '../selection/lape.ts';
import { parseConfig } from '../weights/config.ts';
import { openTensors } from '../weights/safetensors.ts';
import { folderSources, golden, readJsonFile } from './testing.ts';

const here = spectraHere(() => Promise.resolve());

/** Runs `body` on the reference Llama model of 4 layers, and asserts that nothing is left over. */
const withModel = (ops: Ops, body: (decoder: Decoder) => Promise<void>) =>
	withoutLeaks(ops, async () => {
		const folder = `${golden}/llama2`;
		const config = parseConfig(readJsonFile(`${folder}/config.json`), 'config.json');
		const tensors = await openTensors(folderSources(folder));
		const decoder = await loadDecoder(ops, config, (id) => tensors.read(id), false);
		await body(decoder);
		releaseDecoder(ops, decoder);
	});

interface HeavyTail {
	readonly matrices: Readonly<
		Record<string, { shape: number[]; values: number[]; eigenvalues: number[]; alpha_mid: number }>
	>;
	readonly llama2_layer_mean_alpha_mid: number[];
}

describe.skipIf(!existsSync(golden))('heavy-tail scores', () => {
	const read = () => readJsonFile(`${golden}/heavy-tail.json`) as HeavyTail;

	test('exponents cut at the peak, as a port of AlphaPruning’s esd_utils.py in Python gives them', () => {
		const expected = {
			gauss_24x60: 1.718916077,
			heavy_40x40: 1.922436962,
			tall_70x30: 1.954471719,
		};
		const { matrices } = read();
		for (const [name, alpha] of Object.entries(expected)) {
			const spectrum = Float64Array.from(matrices[name]!.eigenvalues);
			expectClose([tailExponent(spectrum, 'peak')], [alpha], 1e-8);
		}
	});

	onEveryBackend('spectra', (ops) => {
		test('eigenvalues and exponents of three matrices', async () => {
			const { matrices } = read();
			expect(Object.keys(matrices)).toHaveLength(3);
			for (const [name, { shape, values, eigenvalues, alpha_mid }] of Object.entries(matrices)) {
				const tensor = ops().upload(Float32Array.from(values), shape);
				const found = await gramEigenvalues(ops(), { name, tensor }, here);
				ops().release(tensor);
				expectClose(found, eigenvalues, 1e-6);
				expectClose([tailExponent(found, 'median')], [alpha_mid], 1e-5);
			}
		});

		test('layers of a model', () =>
			withModel(ops(), async (decoder) => {
				let done = 0;
				const scores = await heavyTailScores(ops(), decoder, 'median', here, (count) => {
					done = count;
				});
				expectClose(scores, read().llama2_layer_mean_alpha_mid, 1e-4);
				expect(done).toBe(7 * decoder.blocks.length);
			}));
	});
});

interface Lape {
	readonly tokens: number[];
	/** [layer][neuron][language] */
	readonly active_counts: number[][][];
	readonly neurons_by_language_and_layer: number[][][];
}

describe.skipIf(!existsSync(golden))('language-specific neurons', () => {
	test('of given counts', () => {
		const reference = readJsonFile(`${golden}/lape.json`) as Lape;
		const { tokens, active_counts: counts, neurons_by_language_and_layer: expected } = reference;
		const active = tokens.map((_, language) =>
			counts.map((neurons) => Uint32Array.from(neurons, (of) => of[language]!)),
		);
		const rates = { top: 0.05, filter: 0.9, bar: 0.9 };
		const found = languageNeurons({ active, tokens }, rates);
		expect(found).toEqual(expected);
		expect(found.flat(2).length).toBeGreaterThan(20);
		// [6,11,20], [6,20,64,71], [44] and [17,64] in layer 0, and so on.
		expect(lapeScores(found)).toEqual([10, 4, 4, 4, 1]);
	});
});

interface Fisher {
	readonly input_ids: number[][];
	readonly first_target_index: number[];
	readonly sum: number[];
	readonly frobenius: number[];
}

/** Tokens from `first` on are targets; the padding behind must not count. */
function fisherBlock({ input_ids, first_target_index }: Fisher) {
	const sequenceLength = input_ids[0]!.length + 3;
	const rows = input_ids.map((ids, row) =>
		Array.from({ length: sequenceLength }, (_, at) => ({
			id: ids[at] ?? 2,
			target: at + 1 >= first_target_index[row]! ? (ids[at + 1] ?? -100) : -100,
		})),
	);
	return {
		count: rows.length,
		sequenceLength,
		inputIds: Int32Array.from(rows.flat(), ({ id }) => id),
		targets: Int32Array.from(rows.flat(), ({ target }) => target),
	};
}

describe.skipIf(!existsSync(golden))('Fisher information', () => {
	onEveryBackend('layers of a model', (ops) => {
		test('all three aggregations', () =>
			withModel(ops(), async (decoder) => {
				const reference = readJsonFile(`${golden}/fisher.json`) as Fisher;
				const block = fisherBlock(reference);
				const dones: number[] = [];
				const score = (aggregation: 'sum' | 'mean' | 'frobenius') =>
					fisherScores(ops(), decoder, block, aggregation, (done) => dones.push(done));
				expectClose(await score('sum'), reference.sum, 1e-5);
				expect(dones).toEqual([1, 2, 3, 4, 5, 6]);
				expectClose(await score('frobenius'), reference.frobenius, 1e-5);
				const parameters = [...decoder.parameters.values()]
					.filter(({ name }) => name.startsWith('model.layers.0.'))
					.reduce((sum, { tensor }) => sum + tensor.size, 0);
				const means = reference.sum.map((sum) => sum / parameters);
				expectClose(await score('mean'), means, 1e-5);
			}));

		test('a gradient that is not finite is told with its sample and place', () =>
			withModel(ops(), async (decoder) => {
				const block = fisherBlock(readJsonFile(`${golden}/fisher.json`) as Fisher);
				ops().fill(decoder.blocks[3]!.beforeMlp!.tensor, NaN);
				for (const aggregation of ['sum', 'frobenius'] as const)
					await expect(
						fisherScores(ops(), decoder, block, aggregation, () => undefined),
					).rejects.toMatchObject({
						name: 'NotFinite',
						message: expect.stringMatching(/Sample 1: the gradient of .*layer/) as string,
					});
			}));
	});
});
