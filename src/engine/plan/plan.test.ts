import { expect, test } from 'vitest';
import type { LayerSet, Lora } from '../../contract/spec.ts';
import { fusedHeadRows } from '../model/head.ts';
import { backwardPlan, planTraining, trainableNames } from './plan.ts';
import { runSpec, tinyConfig } from '../testing.ts';

const shapes = [
	{ name: 'model.embed_tokens.weight', shape: [40, 16] },
	{ name: 'model.layers.0.mlp.up_proj.weight', shape: [24, 16] },
	{ name: 'model.layers.1.mlp.up_proj.weight', shape: [24, 16] },
	{ name: 'model.norm.weight', shape: [16] },
	{ name: 'lm_head.weight', shape: [40, 16] },
];
const set = (layers: number[], embedding = false, head = false, finalNorm = false): LayerSet => ({
	layers,
	embedding,
	head,
	finalNorm,
});

test('a layer set names its parameters and nothing else', () => {
	expect([...trainableNames(set([1]), shapes)]).toEqual(['model.layers.1.mlp.up_proj.weight']);
	expect([...trainableNames(set([], true, false), shapes)]).toEqual(['model.embed_tokens.weight']);
	expect([...trainableNames(set([], false, true, true), shapes)]).toEqual([
		'model.norm.weight',
		'lm_head.weight',
	]);
});

test('in a tied model the head selects the one matrix there is, and backward reaches it', () => {
	const tied = shapes.slice(0, -1);
	const chosen = trainableNames(set([1], false, true), tied);
	expect(chosen.has('model.embed_tokens.weight')).toBe(true);
	const plan = backwardPlan(chosen, 2, true, false, set([1], false, true));
	expect(plan).toMatchObject({ firstBlock: 1, trainsEmbedding: true });
});

test('the first block with anything to train', () => {
	const first = (layerSet: LayerSet) =>
		backwardPlan(trainableNames(layerSet, shapes), 2, false, false, layerSet);
	expect(first(set([1], false, true))).toMatchObject({ firstBlock: 1, trainsEmbedding: false });
	expect(first(set([0, 1], true))).toMatchObject({ firstBlock: 0, trainsEmbedding: true });
	expect(first(set([], false, true))).toMatchObject({ firstBlock: 2, trainsEmbedding: false });
});

test('activations are recomputed where they would exceed the budget', () => {
	const both = set([0, 3], true, true);
	const named = [{ name: 'model.layers.0.mlp.up_proj.weight', shape: [24, 16] }];
	const recompute = (budget: number) =>
		planTraining(tinyConfig, named, runSpec('auto', 12), both, budget).forecast.recompute;
	expect(recompute(1e9)).toBe(false);
	expect(recompute(1000)).toBe(true);
});

const lora = (rank: number, dropout = 0): Lora => ({
	kind: 'lora',
	rank,
	alpha: 2 * rank,
	dropout,
	targets: ['q_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
});

test('LoRA counts its adapters, and trains those with the matrices beside the layers', () => {
	const spec = { ...runSpec('never', 12), tune: { ...lora(4), targets: ['up_proj' as const] } };
	const { forecast, trainable, plan } = planTraining(tinyConfig, shapes, spec, set([1], true), 1e9);
	expect([...trainable]).toEqual([
		'model.embed_tokens.weight',
		'model.layers.1.mlp.up_proj.lora_A.weight',
		'model.layers.1.mlp.up_proj.lora_B.weight',
	]);
	expect(plan).toMatchObject({ firstBlock: 1, trainsEmbedding: true });
	expect(forecast.trainableParameters).toBe(40 * 16 + 4 * 16 + 24 * 4);
	const plain = planTraining(tinyConfig, shapes, runSpec('never', 12), set([1], true), 1e9);
	expect(forecast.totalParameters).toBe(plain.forecast.totalParameters + 4 * 16 + 24 * 4);
	expect(forecast.bytes.optimizer).toBe(8 * forecast.trainableParameters);
});

test('updates made in backward need no more than the largest gradient', () => {
	const gradients = (clipNorm: number | null, accumulation: number, parameters = shapes) => {
		const spec = runSpec('always', 12);
		const changed = {
			...spec,
			batch: { size: 4, accumulation },
			optimizer: { ...spec.optimizer, clipNorm },
		};
		return planTraining(tinyConfig, parameters, changed, set([0, 1], true, true), 1e9).forecast
			.bytes.gradients;
	};
	const all = 4 * (2 * 40 * 16 + 2 * 24 * 16);
	expect(gradients(null, 1)).toBeLessThanOrEqual(4 * 40 * 16);
	expect(gradients(0, 1)).toBe(gradients(null, 1));
	// All are there at the end of backward; the most memory is taken by the head, which comes first.
	expect(gradients(1, 1)).toBe(4 * 40 * 16);
	expect(gradients(null, 2)).toBe(all);
	const tied = shapes.slice(0, -1);
	expect(gradients(null, 1, tied)).toBe(4 * (40 * 16 + 24 * 16));
});

test('where gradient and update are one, only other gradients are counted', () => {
	const wide = [
		{ name: 'model.embed_tokens.weight', shape: [4000, 64] },
		{ name: 'model.layers.0.mlp.up_proj.weight', shape: [96, 64] },
		{ name: 'model.layers.0.mlp.down_proj.weight', shape: [64, 98] },
		{ name: 'lm_head.weight', shape: [4000, 64] },
	];
	const spec = runSpec('always', 12);
	const gradients = (parameters = wide, clipNorm: number | null = null, embedding = true) => {
		const changed = {
			...spec,
			batch: { size: 4, accumulation: 1 },
			optimizer: { ...spec.optimizer, clipNorm },
		};
		const chosen = set([0], embedding, !embedding);
		return planTraining(tinyConfig, parameters, changed, chosen, 1e9, undefined, true).forecast
			.bytes.gradients;
	};
	expect(gradients()).toBe(4 * 4000 * 64);
	// Its rows are no whole vec4.
	expect(gradients(wide, null, false)).toBe(4 * 64 * 98);
	const without = wide.filter(({ name }) => !name.includes('down'));
	expect(gradients(without, null, false)).toBe(0);
	expect(gradients(without, 1, false)).toBeGreaterThan(0);
	// Tied, the head's part waits for the embedding's.
	expect(gradients(without.slice(0, -1), null, false)).toBe(4 * 4000 * 64);
});

test('the head works in one piece where that saves more than its logits', () => {
	const llama = { ...tinyConfig, vocabularySize: 32_000, hiddenSize: 4096 };
	expect(fusedHeadRows(llama, 100)).toBe(100);
	expect(fusedHeadRows(llama, 512)).toBe(512);
	// More than 128 MiB of logits, or more than the gradient.
	expect(fusedHeadRows(llama, 1100)).toBe(262);
	expect(fusedHeadRows({ ...llama, hiddenSize: 128 }, 512)).toBe(262);
});
