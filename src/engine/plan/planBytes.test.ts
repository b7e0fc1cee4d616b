import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../contract/model.ts';
import type { LayerSet, Lora, RunSpec } from '../../contract/spec.ts';
import { planTraining } from './plan.ts';
import { runSpec, tinyConfig } from '../testing.ts';

/** Three blocks: 12 wide queries, 6 wide keys. */
const config: ModelConfig = {
	...{ ...tinyConfig, hiddenSize: 10, intermediateSize: 14, layers: 3, vocabularySize: 50 },
	...{ heads: 4, keyValueHeads: 2, headDim: 3, queryKeyNorm: false },
};
const blockShapes = {
	'input_layernorm.weight': [10],
	'self_attn.q_proj.weight': [12, 10],
	'self_attn.k_proj.weight': [6, 10],
	'self_attn.v_proj.weight': [6, 10],
	'self_attn.o_proj.weight': [10, 12],
	'post_attention_layernorm.weight': [10],
	'mlp.gate_proj.weight': [14, 10],
	'mlp.up_proj.weight': [14, 10],
	'mlp.down_proj.weight': [10, 14],
};
const matrices = 780;
const block = matrices + 2 * 10;
const table = 50 * 10;
const tied = [
	{ name: 'model.embed_tokens.weight', shape: [50, 10] },
	...[0, 1, 2].flatMap((layer) =>
		Object.entries(blockShapes).map(([name, shape]) => ({
			name: `model.layers.${layer}.${name}`,
			shape,
		})),
	),
	{ name: 'model.norm.weight', shape: [10] },
];
const untied = [...tied, { name: 'lm_head.weight', shape: [50, 10] }];

const none: LayerSet = { layers: [], embedding: false, head: false, finalNorm: false };
const all: LayerSet = { layers: [0, 1, 2], embedding: true, head: true, finalNorm: true };
const last: LayerSet = { ...none, layers: [2] };

/** Two sequences of five tokens. */
const rows = 10;
const spec = (changes: Partial<RunSpec> = {}, clipNorm: number | null = 1): RunSpec => {
	const base = { ...runSpec('never', 5), batch: { size: 2, accumulation: 1 } };
	return { ...base, ...changes, optimizer: { ...base.optimizer, clipNorm } };
};
const bytesOf = (set: LayerSet, one: RunSpec, parameters = untied, of = config) =>
	planTraining(of, parameters, one, set, 1e9).forecast.bytes;

/** Floats that a block keeps of one token for its way back (model/block.ts). */
const keptOfToken = {
	...{ x: 10, inputRms: 1, normed: 10, middle: 10, middleRms: 1, middleNormed: 10 },
	...{ q: 12, k: 6, v: 6, attended: 12, logSumExp: 4 },
	...{ gate: 14, up: 14, hidden: 14 },
};
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const kept = rows * sum(Object.values(keptOfToken));
/** Attention going backward: gradients of the residual stream, q, k, v, the output, and a sum of each head. */
const attention = rows * (2 * 10 + 2 * 12 + 2 * 6 + 4);
/** Logits and hidden states of a piece; hidden states, their gradient and its norm's of all rows. */
const head = rows * (50 + 10) + rows * 3 * 10;

describe('bytes that come and go', () => {
	test.each<[string, LayerSet, RunSpec['recompute'], number, number]>([
		['all blocks kept', all, 'never', 3 * kept, head],
		['only inputs kept', all, 'always', 3 * rows * 10, attention + kept],
		['the last block alone', last, 'never', kept, head],
		['the last two alone', { ...none, layers: [1, 2] }, 'never', 2 * kept, head],
		// Going forward one block exists at a time.
		['the head alone', { ...none, head: true }, 'never', 0, Math.max(head, kept)],
		['the embedding alone', { ...none, embedding: true }, 'never', 3 * kept, head],
	])('%s', (_, set, recompute, activations, workspace) => {
		// From the second micro-batch on every gradient is there all the time.
		const bytes = bytesOf(set, spec({ recompute, batch: { size: 2, accumulation: 2 } }));
		expect(bytes.activations).toBe(4 * activations);
		expect(bytes.workspace).toBe(4 * workspace);
	});

	test('norms of q and k are kept with what they normalise', () => {
		const normed = bytesOf(last, spec(), untied, { ...config, queryKeyNorm: true });
		const plain = bytesOf(last, spec());
		expect(normed.activations - plain.activations).toBe(4 * rows * (12 + 6 + 4 + 2));
	});

	test('a wide mlp needs more than attention', () => {
		const wide = { ...config, intermediateSize: 90 };
		const { workspace } = bytesOf(all, spec({ recompute: 'always' }), untied, wide);
		const keptWide = kept + rows * 3 * (90 - 14);
		expect(workspace).toBe(4 * (rows * (10 + 90) + keptWide));
	});

	test('an adapter needs its small product twice and its gradient, and with dropout its input', () => {
		const lora: Lora = { kind: 'lora', rank: 5, alpha: 5, dropout: 0, targets: ['q_proj'] };
		const workspace = (dropout: number, of: Partial<ModelConfig> = {}) =>
			bytesOf(
				last,
				spec({ recompute: 'always', tune: { ...lora, dropout } }),
				...[untied, { ...config, ...of }],
			).workspace / 4;
		expect(workspace(0)).toBe(attention + kept + rows * 3 * 5);
		expect(workspace(0.1)).toBe(attention + kept + rows * (3 * 5 + 14));
		const narrow = { intermediateSize: 8 };
		expect(workspace(0.1, narrow) - workspace(0, narrow)).toBe(rows * 12);
	});

	test('the head works on pieces where its logits are many', () => {
		const many = { ...config, vocabularySize: 2 ** 20 };
		const bytes = bytesOf({ ...none, head: true }, longSpec(100), untied, many);
		// 64 rows at a time of 200.
		expect(bytes.workspace).toBe(4 * (64 * (2 ** 20 + 10) + 200 * 3 * 10));
	});
});

const longSpec = (sequenceLength: number) => {
	const one = spec();
	return { ...one, data: { ...one.data, sequenceLength } };
};

describe('gradients', () => {
	const gradients = (set: LayerSet, one: RunSpec, parameters = untied) =>
		bytesOf(set, one, parameters).gradients / 4;
	const everything = 3 * block + 2 * table + 10;

	test.each<[string, LayerSet, RunSpec, typeof untied, number]>([
		// Most is held in the last block, with its gradients and those of head and norm.
		['clipped, untied', all, spec(), untied, block + table + 10],
		['clipped, tied', all, spec(), tied, block + table + 10],
		['clipped, the head alone', { ...none, head: true }, spec(), untied, table],
		['accumulated', all, spec({ batch: { size: 2, accumulation: 2 } }), untied, everything],
		// Recomputed, in the first block: all gradients but the embedding's.
		['clipped, recomputed', all, spec({ recompute: 'always' }), untied, 3 * block + table + 10],
		['updated in backward', all, spec({}, null), untied, table],
		['updated in backward, one layer', last, spec({ recompute: 'always' }, null), untied, 140],
		['updated in backward, tied', all, spec({ recompute: 'always' }, null), tied, table + 140],
	])('%s', (_, set, one, parameters, expected) => {
		expect(gradients(set, one, parameters)).toBe(expected);
	});

	test('of an embedding that is larger than all else, at the end', () => {
		const large = tied.map((one) =>
			one.name.includes('embed') ? { ...one, shape: [50_000, 10] } : one,
		);
		const bytes = bytesOf({ ...none, embedding: true }, spec(), [...large, untied.at(-1)!]);
		expect(bytes.gradients).toBe(4 * 50_000 * 10);
		expect(bytes.activations).toBe(0);
		expect(bytes.workspace).toBe(4 * rows * 10);
	});
});

describe('weights, moments and parameters', () => {
	test('float32 weights, two moments of what trains', () => {
		const { bytes, totalParameters, trainableParameters } = forecastOf(last, spec());
		expect(totalParameters).toBe(3 * block + 2 * table + 10);
		expect(trainableParameters).toBe(block);
		expect(bytes.weights).toBe(4 * totalParameters);
		expect(bytes.optimizer).toBe(2 * 4 * block);
		const { weights, optimizer, gradients, activations, workspace } = bytes;
		expect(bytes.total).toBe(weights + optimizer + gradients + activations + workspace);
	});

	test('what trains in another stage keeps the format of what trains', () => {
		const precision = { frozen: 'int8', trainable: 'f32' } as const;
		const weights = (trained?: ReadonlySet<string>) =>
			planTraining(config, untied, spec({ precision }), last, 1e9, trained).forecast.bytes.weights;
		const other = new Set(untied.map(({ name }) => name));
		expect(weights(other)).toBe(4 * (3 * block + 2 * table + 10));
		expect(weights()).toBeLessThan(weights(other));
	});

	test('activations are recomputed by themselves only above the budget', () => {
		const auto = (budget: number) =>
			planTraining(config, untied, spec({ recompute: 'auto' }), all, budget).forecast.recompute;
		const { total } = bytesOf(all, spec());
		expect(auto(total)).toBe(false);
		expect(auto(total - 1)).toBe(true);
	});
});

const forecastOf = (set: LayerSet, one: RunSpec, parameters = untied) =>
	planTraining(config, parameters, one, set, 1e9).forecast;

describe('floating point operations of an update', () => {
	const accumulated = { batch: { size: 2, accumulation: 3 } };
	const tokens = 30;
	/** Scores and values of one layer, half of the square. */
	const scores = 2 * tokens * 5 * 12;
	const linear = (count: number) => 2 * tokens * count;
	const forward = linear(3 * matrices + table) + 3 * scores;

	test.each<[string, LayerSet, Partial<RunSpec>, typeof untied, number]>([
		['everything', all, {}, untied, 2 * linear(3 * matrices + table) + 2.5 * 3 * scores],
		['the last layer', last, {}, untied, linear(2 * matrices + table) + 2.5 * scores],
		['the head', { ...none, head: true }, {}, untied, 2 * linear(table)],
		[
			'nothing of a tied model but its head',
			{ ...none, head: true },
			{},
			tied,
			linear(3 * matrices) + 2 * linear(table) + 2.5 * 3 * scores,
		],
		[
			'the embedding',
			{ ...none, embedding: true },
			{},
			untied,
			linear(3 * matrices + table) + 2.5 * 3 * scores,
		],
		[
			'the last layer, recomputed',
			last,
			{ recompute: 'always' },
			untied,
			linear(3 * matrices + table) + 2.5 * scores,
		],
	])('%s', (_, set, changes, parameters, backward) => {
		const { flopsPerStep } = forecastOf(set, spec({ ...accumulated, ...changes }), parameters);
		expect(flopsPerStep).toBe(forward + backward);
	});

	test('an adapter is computed forward, twice backward, and trains; its layer does not', () => {
		const tune: Lora = { kind: 'lora', rank: 5, alpha: 5, dropout: 0, targets: ['q_proj'] };
		const { flopsPerStep } = forecastOf(last, spec({ ...accumulated, tune }));
		const [a, b] = [5 * 10, 12 * 5];
		const backward = linear(matrices + table) + 2.5 * scores;
		const adapters = linear(a + b) + linear(2 * a + b) + linear(a + b);
		expect(flopsPerStep).toBe(forward + backward + adapters);
	});
});
