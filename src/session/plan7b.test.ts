/** What training Llama-2-7B takes, by its shapes alone: the forecast of the plans that are to fit one graphics card. */
import { expect, test } from 'vitest';
import type { RunSpec } from '../contract/spec.ts';
import { runSpec } from '../storage/testing.ts';
import { llama7b } from './llama7b.ts';
import { planSpec } from './plan.ts';

const device = { backend: 'webgpu', memory: null } as const;

/** Sequences of 512 tokens, one at a time; updates are made in backward. */
function spec(change: Partial<RunSpec>): RunSpec {
	const plain = runSpec();
	return {
		...plain,
		selection: { method: 'cogsym', k: 8 },
		data: { ...plain.data, sequenceLength: 512, rowTokens: 512 },
		batch: { size: 1, accumulation: 1 },
		optimizer: { ...plain.optimizer, kind: 'adamw-8bit', clipNorm: null },
		recompute: 'auto',
		...change,
	};
}
const bytes = (change: Partial<RunSpec>) => planSpec(device, llama7b, spec(change)).forecast.bytes;

test('has the parameters of Llama-2-7B', () => {
	const { totalParameters, trainableParameters } = planSpec(device, llama7b, spec({})).forecast;
	expect(totalParameters).toBe(6_738_415_616);
	expect(trainableParameters).toBe(8 * 202_383_360 + 2 * 32_000 * 4096);
});

const clipped = { optimizer: { ...spec({}).optimizer, clipNorm: 1 } };

test('CogSym k = 8 in bf16 with 8-bit AdamW takes at most 22 GB', () => {
	const precision = { frozen: 'bf16', trainable: 'bf16-stochastic' } as const;
	const { total, weights, optimizer, gradients } = bytes({ precision });
	expect(total).toBeLessThan(18.7e9);
	expect(weights).toBeGreaterThan(2 * 6.7e9);
	// The embedding's moments stay in 32 bits: 8 bytes for each of its numbers, about 2 for the rest.
	expect(optimizer).toBeGreaterThan(8 * 131e6 + 2 * 1.75e9);
	// That of the embedding: weights of linear layers, the head too, are updated without.
	expect(gradients).toBe(4 * 32_000 * 4096);
	// Clipping has to know all gradients before the first update: that is what makes the difference.
	expect(bytes({ precision, ...clipped }).total).toBeGreaterThan(22e9);
});

test('LoRA r = 16 on a model in nf4 takes at most 7 GB', () => {
	const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
	const adapted = {
		precision: { frozen: 'nf4', trainable: 'bf16-stochastic' },
		tune: { kind: 'lora', rank: 16, alpha: 16, dropout: 0, targets },
	} as Partial<RunSpec>;
	// With embedding and head in full, as CogSym has them.
	expect(bytes(adapted).total).toBeLessThan(7e9);
	const everywhere: RunSpec['selection'] = {
		method: 'layers',
		layers: [...Array(32).keys()],
		embedding: false,
		head: false,
		finalNorm: false,
	};
	const { total, weights } = bytes({ ...adapted, ...clipped, selection: everywhere });
	expect(total).toBeLessThan(7e9);
	expect(weights).toBeGreaterThan(0.5625 * 32 * 202e6 + 2 * 2 * 131e6);
});
