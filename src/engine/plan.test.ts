import { expect, test } from 'vitest';
import type { LayerSet, RunSpec } from '../contract/spec.ts';
import { onEveryBackend } from './kernels/backends.ts';
import { releaseDecoder } from './model/weights.ts';
import { backwardPlan, planTraining, trainableNames } from './plan.ts';
import { tinyBlock, tinyConfig, tinyDecoder, tinySpec } from './testing.ts';
import { createTrainingState, releaseTrainingState, train } from './train.ts';

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

const spec = (recompute: RunSpec['recompute'], length: number): RunSpec => {
	const { optimizer, schedule, seed } = tinySpec;
	return {
		optimizer,
		schedule,
		seed,
		// From the second micro-batch on all gradients are there while the activations are.
		batch: { size: 4, accumulation: 2 },
		model: 'm',
		untie: true,
		data: {
			dataset: 'd',
			rows: null,
			template: 'unsloth',
			loss: 'all',
			packing: 'stream',
			rowTokens: 64,
			sequenceLength: length,
			order: 'sequential',
			heldOut: { rows: 0, sequences: null },
		},
		selection: { method: 'full' },
		steps: 2,
		recompute,
		checkpointEvery: 10,
	};
};

test('activations are recomputed where they would exceed the budget', () => {
	const both = set([0, 3], true, true);
	const named = [{ name: 'model.layers.0.mlp.up_proj.weight', shape: [24, 16] }];
	const recompute = (budget: number) =>
		planTraining(tinyConfig, named, spec('auto', 12), both, budget).forecast.recompute;
	expect(recompute(1e9)).toBe(false);
	expect(recompute(1000)).toBe(true);
});

onEveryBackend(
	'forecast',
	(ops) => {
		test.each(['never', 'always'] as const)(
			'of bytes is what a step takes, recompute %s',
			async (recompute) => {
				const decoder = await tinyDecoder(ops());
				const names = [...decoder.parameters.values()].map(({ name, tensor }) => ({
					name,
					shape: tensor.shape,
				}));
				const runSpec = spec(recompute, 28);
				const everything = set([0, 1, 2, 3], true, true, true);
				const planned = planTraining(tinyConfig, names, runSpec, everything, 1e9);
				const state = createTrainingState(ops(), decoder, planned.trainable);
				ops().resetPeak();
				const block = tinyBlock(8, 28);
				const { plan, trainable } = planned;
				const updates = train(ops(), decoder, runSpec, block, plan, trainable, state);
				while ((await updates.next()).done !== true);
				const measured = ops().memory().peakBytes;
				const { bytes } = planned.forecast;
				expect(measured / bytes.total).toBeGreaterThan(0.9);
				expect(measured / bytes.total).toBeLessThan(1.1);
				releaseTrainingState(ops(), state);
				releaseDecoder(ops(), decoder);
			},
		);
	},
	['reference', 'wasm'],
);
