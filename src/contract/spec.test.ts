import * as v from 'valibot';
import { expect, test } from 'vitest';
import { canonicalJson, RunSpecSchema, totalSteps, type RunSpec } from './spec.ts';

const spec: RunSpec = {
	model: 'm',
	untie: false,
	data: {
		dataset: 'd',
		rows: null,
		template: 'plain',
		loss: 'all',
		packing: 'stream',
		rowTokens: 64,
		sequenceLength: 32,
		order: 'sequential',
		heldOut: { rows: 0, sequences: null },
	},
	selection: { method: 'front', k: 2 },
	optimizer: {
		learningRate: 1e-3,
		beta1: 0.9,
		beta2: 0.999,
		epsilon: 1e-8,
		weightDecay: 0,
		decay: 'all',
		clipNorm: null,
	},
	schedule: { kind: 'constant', warmupSteps: 0 },
	batch: { size: 1, accumulation: 1 },
	steps: 50,
	seed: 1,
	recompute: 'auto',
	checkpointEvery: 10,
};

test('every stage has as many updates as the first', () => {
	expect(totalSteps(spec)).toBe(50);
	expect(totalSteps({ ...spec, stages: [{ method: 'rear', k: 2 }, { method: 'full' }] })).toBe(150);
});

test('a specification without stages is as it was before there were any', () => {
	const parsed = v.parse(RunSpecSchema, spec);
	expect(canonicalJson(parsed)).toBe(canonicalJson(spec));
	expect(canonicalJson(parsed)).not.toContain('stages');
	for (const stages of [[], undefined, null])
		expect(v.safeParse(RunSpecSchema, { ...spec, stages }).success).toBe(false);
	const staged = { ...spec, stages: [{ method: 'rear', k: 2 }] };
	expect(v.parse(RunSpecSchema, staged)).toEqual(staged);
});
