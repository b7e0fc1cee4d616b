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

test('a specification from before there was a choice of optimizer keeps its id', () => {
	expect(canonicalJson(v.parse(RunSpecSchema, spec))).not.toContain('adamw');
	const withKind = (kind: unknown) =>
		v.safeParse(RunSpecSchema, { ...spec, optimizer: { ...spec.optimizer, kind } });
	expect(withKind('adamw-8bit').output).toMatchObject({ optimizer: { kind: 'adamw-8bit' } });
	expect(withKind('adamw').success).toBe(true);
	expect(withKind('sgd').issues?.[0]?.message).toContain('"adamw" | "adamw-8bit"');
});

test('what is stated of Muon goes with Muon alone', () => {
	const withMuon = (muon: unknown, kind = 'muon') =>
		v.safeParse(RunSpecSchema, { ...spec, optimizer: { ...spec.optimizer, kind, muon } });
	const muon = { learningRate: 0.02, newtonSchulzSteps: 9, adjustLearningRate: 'original' };
	expect(withMuon(muon)).toMatchObject({ success: true, output: { optimizer: { muon } } });
	expect(withMuon(muon, 'adamw').issues?.[0]?.message).toContain(
		'leave it out, or state its `kind`',
	);
	for (const wrong of [[], { momentum: 1 }, { newtonSchulzSteps: 100 }, { ns_steps: 5 }, undefined])
		expect(withMuon(wrong).success).toBe(false);
});

test('a specification from before there was a choice of precision keeps its id', () => {
	expect(canonicalJson(v.parse(RunSpecSchema, spec))).not.toContain('precision');
	const withPrecision = (precision: unknown) => v.safeParse(RunSpecSchema, { ...spec, precision });
	expect(withPrecision([]).success).toBe(false);
	expect(withPrecision({ frozen: 'nf4' }).output).toMatchObject({ precision: { frozen: 'nf4' } });
	expect(withPrecision({ trainable: 'bf16-stochastic' }).success).toBe(true);
	expect(withPrecision({ frozen: 'fp8' }).issues?.[0]?.message).toContain('"int8" | "nf4"');
	expect(withPrecision(undefined).success).toBe(false);
});

const lora = {
	kind: 'lora',
	rank: 8,
	alpha: 16,
	dropout: 0,
	targets: ['q_proj', 'v_proj'],
} as const;
const withTune = (tune: unknown) => v.safeParse(RunSpecSchema, { ...spec, tune });

test('a run in full has no word on adapters: its id is that of runs from before there were any', () => {
	expect(canonicalJson(v.parse(RunSpecSchema, spec))).toBe(canonicalJson(spec));
	expect(canonicalJson(spec)).not.toContain('tune');
	expect(withTune(undefined).success).toBe(false);
	expect(withTune(lora)).toMatchObject({ success: true, output: { tune: lora } });
});

test.each([
	[
		{ ...lora, targets: ['q_proj', 'c_attn'] },
		'no adapter goes on "c_attn"; a decoder layer has q_proj',
	],
	[{ ...lora, targets: [] }, 'name at least one linear layer'],
	[{ ...lora, targets: ['q_proj', 'q_proj'] }, 'named twice'],
	[{ ...lora, rank: 0 }, '>=1'],
	[{ ...lora, alpha: 0 }, '>0'],
	[{ ...lora, dropout: 1 }, '<1'],
	[{ ...lora, bias: 'all' }, 'bias'],
])('adapters are refused as %o', (tune, message) => {
	const { issues } = withTune(tune);
	expect(issues?.map((issue) => issue.message).join()).toContain(message);
});
