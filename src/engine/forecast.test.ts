import { expect, test } from 'vitest';
import type { Lora } from '../contract/spec.ts';
import { attachAdapters } from './adapters/attach.ts';
import { adaptedLayers, initialAdapter } from './adapters/lora.ts';
import { onEveryBackend } from './kernels/backends.ts';
import { parameterShapes, plainRecipe } from './model/recipe.ts';
import { releaseDecoder } from './model/load.ts';
import { planTraining } from './plan/plan.ts';
import { runSpec, tinyBlock, tinyConfig, tinyDecoder } from './testing.ts';
import { createTrainingState, releaseTrainingState, train } from './train.ts';

const lora = (rank: number, dropout = 0): Lora => ({
	kind: 'lora',
	rank,
	alpha: 2 * rank,
	dropout,
	targets: ['q_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
});

onEveryBackend(
	'forecast',
	(ops) => {
		test.each([
			['never', null, 0, 'after it'],
			['always', null, 0, 'after it'],
			['never', 12, 0, 'after it'],
			['always', 12, 0, 'after it'],
			['always', 12, 0.1, 'after it'],
			['never', null, 0, 'in backward'],
			['always', null, 0, 'in backward'],
			['always', 12, 0.1, 'in backward'],
		] as const)(
			'of bytes is what a step takes, recompute %s, LoRA rank %s, dropout %s, update %s',
			async (recompute, rank, dropout, update) => {
				const base = await tinyDecoder(ops());
				const names = [...base.parameters.values()].map(({ name, tensor }) => ({
					name,
					shape: tensor.shape,
				}));
				const tune = rank === null ? {} : { tune: lora(rank, dropout) };
				const kept = { ...runSpec(recompute, 28), ...tune };
				const inBackward = {
					...kept,
					batch: { size: 4, accumulation: 1 },
					optimizer: { ...kept.optimizer, clipNorm: null },
				};
				const spec = update === 'after it' ? kept : inBackward;
				const everything = { layers: [0, 1, 2, 3], embedding: true, head: true, finalNorm: true };
				const layers = rank === null ? [] : adaptedLayers(lora(rank), everything.layers, names);
				const adapted = attachAdapters(ops(), base, lora(rank ?? 1, dropout), layers, (tensor) =>
					initialAdapter(1, tensor),
				);
				const { decoder } = adapted;
				const planned = planTraining(tinyConfig, names, spec, everything, 1e9);
				const state = createTrainingState(ops(), decoder, planned.trainable);
				ops().resetPeak();
				const block = tinyBlock(8, 28);
				const { plan, trainable } = planned;
				const updates = train(ops(), decoder, spec, block, plan, trainable, state);
				while ((await updates.next()).done !== true);
				const measured = ops().memory().peakBytes;
				const { bytes } = planned.forecast;
				expect(measured / bytes.total).toBeGreaterThan(0.9);
				expect(measured / bytes.total).toBeLessThan(1.1);
				releaseTrainingState(ops(), state);
				adapted.release();
				releaseDecoder(ops(), base);
			},
		);

		const norms = { beforeAttention: 'a', afterAttention: 'b', beforeMlp: 'c', afterMlp: 'd' };
		test.each([
			['norms around branches', { norms, gain: 'one plus weight', mlp: 'geglu' }],
			['norms behind them', { norms: { ...norms, beforeAttention: null, beforeMlp: null } }],
			['norms of whole rows', { queryKeyNorm: 'row' }],
			['no gate', { mlp: 'xielu' }],
			['factors', { scales: { embedding: 4, attention: 0.1, residual: 0.2, logits: 0.5 } }],
		] as const)('of a family with %s', async (_name, change) => {
			const config = { ...tinyConfig, recipe: { ...plainRecipe, ...change } };
			const decoder = await tinyDecoder(ops(), config);
			const everything = { layers: [0, 1, 2, 3], embedding: true, head: true, finalNorm: true };
			for (const recompute of ['never', 'always'] as const) {
				const spec = runSpec(recompute, 28);
				const planned = planTraining(config, parameterShapes(config), spec, everything, 1e9);
				const state = createTrainingState(ops(), decoder, planned.trainable);
				ops().resetPeak();
				const { plan, trainable } = planned;
				const updates = train(ops(), decoder, spec, tinyBlock(8, 28), plan, trainable, state);
				while ((await updates.next()).done !== true);
				const measured = ops().memory().peakBytes / planned.forecast.bytes.total;
				expect(measured, recompute).toBeGreaterThan(0.9);
				expect(measured, recompute).toBeLessThan(1.1);
				releaseTrainingState(ops(), state);
			}
			releaseDecoder(ops(), decoder);
		});
	},
	['reference', 'wasm'],
);
