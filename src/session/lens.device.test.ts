/** The logit lens beside a decoder written out in tensors of the tfjs cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelConfig } from '../contract/model.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { type LensView, lensViews } from '../engine/lens.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/load.ts';
import { parseConfig } from '../weights/config.ts';
import { openTensors } from '../weights/safetensors.ts';
import { folderSources, golden, readJsonFile } from './testing.ts';

const folder = `${golden}/llama2`;

type Weights = ReadonlyMap<string, tf.Tensor>;

const rmsNorm = (x: tf.Tensor, weight: tf.Tensor, epsilon: number) =>
	tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))), weight);

/** x · weightᵀ */
const linear = (x: tf.Tensor, weight: tf.Tensor) => tf.matMul(x, weight, false, true);

/** [tokens, heads * d] -> rotated [heads, tokens, d]. */
function rotated(x: tf.Tensor, { heads, headDim, ropeTheta }: ModelConfig): tf.Tensor {
	const [tokens = 0] = x.shape;
	const angles = tf.tensor2d(
		Array.from({ length: tokens }, (_, t) =>
			Array.from(
				{ length: headDim },
				(_, i) => t * ropeTheta ** ((-2 * (i % (headDim / 2))) / headDim),
			),
		),
	);
	const split = tf.transpose(tf.reshape(x, [tokens, heads, headDim]), [1, 0, 2]);
	const [a, b] = tf.split(split, 2, 2);
	const turned = tf.concat([tf.neg(b!), a!], 2);
	return tf.add(tf.mul(split, tf.cos(angles)), tf.mul(turned, tf.sin(angles)));
}

/** Output of every block [tokens, hidden]. */
function blockOutputs(weights: Weights, config: ModelConfig, ids: readonly number[]): tf.Tensor[] {
	const { heads, headDim, rmsNormEpsilon, layers } = config;
	const tokens = ids.length;
	const later = tf.tensor2d(ids.map((_, query) => ids.map((_, key) => (key > query ? -1e9 : 0))));
	let x = tf.gather(weights.get('model.embed_tokens.weight')!, tf.tensor1d([...ids], 'int32'));
	return Array.from({ length: layers }, (_, layer) => {
		const weight = (name: string) => weights.get(`model.layers.${layer}.${name}.weight`)!;
		const normed = rmsNorm(x, weight('input_layernorm'), rmsNormEpsilon);
		const q = rotated(linear(normed, weight('self_attn.q_proj')), config);
		const k = rotated(linear(normed, weight('self_attn.k_proj')), config);
		const v = tf.transpose(
			tf.reshape(linear(normed, weight('self_attn.v_proj')), [tokens, heads, headDim]),
			[1, 0, 2],
		);
		const scores = tf.add(tf.div(tf.matMul(q, k, false, true), Math.sqrt(headDim)), later);
		const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [1, 0, 2]);
		const attended = linear(
			tf.reshape(mixed, [tokens, heads * headDim]),
			weight('self_attn.o_proj'),
		);
		const middle = tf.add(x, attended);
		const inner = rmsNorm(middle, weight('post_attention_layernorm'), rmsNormEpsilon);
		const gate = linear(inner, weight('mlp.gate_proj'));
		const hidden = tf.mul(tf.mul(gate, tf.sigmoid(gate)), linear(inner, weight('mlp.up_proj')));
		x = tf.add(middle, linear(hidden, weight('mlp.down_proj')));
		return x;
	});
}

/** What each block says behind the last token. */
function plainViews(
	weights: Weights,
	config: ModelConfig,
	ids: readonly number[],
	sets: readonly ReadonlySet<number>[],
): LensView[] {
	return blockOutputs(weights, config, ids).map((x) => {
		const last = tf.slice(x, [ids.length - 1, 0], [1, config.hiddenSize]);
		const normed = rmsNorm(last, weights.get('model.norm.weight')!, config.rmsNormEpsilon);
		const p = tf.softmax(linear(normed, weights.get('lm_head.weight')!)).dataSync<'float32'>();
		const probabilities = sets.map((set) => [...set].reduce((sum, id) => sum + p[id]!, 0));
		return { probabilities, entropy: p.reduce((sum, one) => sum - one * Math.log2(one), 0) };
	});
}

describe.skipIf(!existsSync(folder))('logit lens', () => {
	const config = () => parseConfig(readJsonFile(`${folder}/config.json`), 'config.json');
	const reference = () =>
		readJsonFile(`${folder}/golden.json`) as {
			input_ids: number[][];
			logits_row0: number[];
		};
	const sets = [
		new Set([3, 17, 40]),
		new Set([5]),
		new Set(Array.from({ length: 30 }, (_, i) => 2 * i)),
	];
	let items: { ids: number[]; sets: typeof sets }[];
	let expected: LensView[][];
	beforeAll(async () => {
		await tf.setBackend('cpu');
		const row = reference().input_ids[0]!;
		items = [9, 3, row.length, 1, 6].map((length) => ({ ids: row.slice(0, length), sets }));
		const tensors = await openTensors(folderSources(folder));
		const names = [
			...['model.embed_tokens', 'model.norm', 'lm_head'],
			...Array.from({ length: config().layers }, (_, layer) =>
				[
					...['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`),
					...['gate', 'up', 'down'].map((name) => `mlp.${name}_proj`),
					...['input_layernorm', 'post_attention_layernorm'],
				].map((name) => `model.layers.${layer}.${name}`),
			).flat(),
		];
		const weights = new Map<string, tf.Tensor>();
		const { hiddenSize } = config();
		const width = (name: string) =>
			name.includes('down_proj') ? config().intermediateSize : hiddenSize;
		for (const name of names) {
			const values = await tensors.read(`${name}.weight`);
			const shape = name.endsWith('norm') ? [hiddenSize] : [-1, width(name)];
			weights.set(`${name}.weight`, tf.reshape(tf.tensor1d(values), shape));
		}
		expected = items.map(({ ids }) => plainViews(weights, config(), ids, sets));
	});

	test('the last block says what the model says (PyTorch)', () => {
		const { input_ids, logits_row0 } = reference();
		const vocabulary = config().vocabularySize;
		const at = (input_ids[0]!.length - 1) * vocabulary;
		const logits = logits_row0.slice(at, at + vocabulary);
		const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
		const last = expected[2]!.at(-1)!;
		for (const [index, set] of sets.entries()) {
			const p = [...set].reduce((sum, id) => sum + Math.exp(logits[id]!) / total, 0);
			expect(last.probabilities[index]).toBeCloseTo(p, 5);
		}
	});

	onEveryBackend('every block', (ops) => {
		test('has the probabilities and the entropy of the plain decoder', async () => {
			const tensors = await openTensors(folderSources(folder));
			const decoder = await loadDecoder(ops(), config(), (name) => tensors.read(name), false);
			let done = 0;
			const views = await lensViews(ops(), decoder, items, (count) => (done = count));
			expect(done).toBe(5);
			expect(views.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4]);
			for (const [item, blocks] of views.entries())
				for (const [block, { probabilities, entropy }] of blocks.entries()) {
					const wanted = expected[item]![block]!;
					for (const [set, p] of probabilities.entries())
						expect(Math.abs(p - wanted.probabilities[set]!)).toBeLessThan(1e-5);
					expect(Math.abs(entropy - wanted.entropy)).toBeLessThan(1e-4);
				}
			// The blocks differ, so that none stands for another.
			expect(new Set(views[0]!.map(({ entropy }) => entropy.toFixed(3))).size).toBeGreaterThan(1);
			releaseDecoder(ops(), decoder);
			expect(ops().memory().tensors).toBe(0);
		});
	});
});
