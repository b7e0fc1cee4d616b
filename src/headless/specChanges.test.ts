/** Flags must become exactly the fields they state. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { adapterTargets, RunSpecSchema } from '../contract/spec.ts';
import { overlay, specChanges } from './specChanges.mjs';

/** Every flag of `lab train` that states a field. */
const allFlags = {
	untie: true,
	select: 'front',
	k: 2,
	then: ['rear', 'front'],
	moments: 'carried',
	lora: 8,
	loraAlpha: 4,
	loraScaling: 'rank-stabilised',
	loraDropout: 0.1,
	loraTargets: ['q_proj'],
	rows: [0, 9],
	template: 'plain',
	loss: 'all',
	packing: 'rows',
	order: 'shuffled',
	length: 64,
	rowTokens: 60,
	heldOut: { rows: 4, sequences: 2 },
	frozen: 'nf4',
	trainable: 'bf16',
	optimizer: 'muon',
	muonLearningRate: 0.02,
	muonMomentum: 0.9,
	muonNesterov: false,
	newtonSchulz: 6,
	muonAdjustment: 'match_rms_adamw',
	learningRate: 0.01,
	beta1: 0.8,
	beta2: 0.95,
	epsilon: 1e-6,
	weightDecay: 0.1,
	decay: 'all',
	clip: 2,
	schedule: 'linear',
	warmup: 3,
	batch: 2,
	accumulation: 5,
	steps: 7,
	seed: 11,
	recompute: 'never',
	checkpointEvery: 13,
};

describe('specChanges', () => {
	it('reaches every field of a run but the model and the dataset', () => {
		const spec = overlay({ model: 'm', data: { dataset: 'd' } }, specChanges(allFlags));
		expect(v.parse(RunSpecSchema, spec)).toEqual(spec);
		expect(spec.optimizer).toMatchObject({
			kind: 'muon',
			beta1: 0.8,
			beta2: 0.95,
			epsilon: 1e-6,
			muon: {
				learningRate: 0.02,
				momentum: 0.9,
				nesterov: false,
				newtonSchulzSteps: 6,
				adjustLearningRate: 'match_rms_adamw',
			},
		});
	});

	it('gives adapters of a rank on every linear layer, unless more is stated', () => {
		expect(specChanges({ lora: 8 }).tune).toEqual({
			kind: 'lora',
			rank: 8,
			alpha: 8,
			dropout: 0,
			targets: [...adapterTargets],
		});
		expect(() => specChanges({ loraAlpha: 8 })).toThrow(/--lora/);
	});

	it('states nothing where no flag was given', () => {
		expect(specChanges({})).toEqual({});
	});

	it('groups fields, keeps null and 0, and turns clipping off at 0', () => {
		const flags = {
			clip: 0,
			warmup: 0,
			select: 'cogsym',
			k: 4,
			heldOut: { rows: 60, sequences: null },
		};
		expect(specChanges(flags)).toEqual({
			selection: { method: 'cogsym', k: 4 },
			data: { heldOut: { rows: 60, sequences: null } },
			optimizer: { clipNorm: null },
			schedule: { warmupSteps: 0 },
		});
	});

	it('selects explicit layers', () => {
		expect(specChanges({ layers: [0, 3], head: true })).toEqual({
			selection: {
				method: 'layers',
				layers: [0, 3],
				embedding: false,
				head: true,
				finalNorm: false,
			},
		});
	});

	it('refuses flags that contradict each other', () => {
		expect(() => specChanges({ layers: [0], select: 'rear' })).toThrow(/exclude/);
		expect(() => specChanges({ k: 2 })).toThrow(/--select/);
		expect(() => specChanges({ then: ['rear'], select: 'full' })).toThrow(/--then/);
		expect(() => specChanges({ embedding: true })).toThrow(/--layers/);
	});
});

describe('overlay', () => {
	it('puts flags over a file, a selection as a whole', () => {
		const file = { selection: { method: 'rear', k: 2 }, data: { loss: 'all', packing: 'rows' } };
		const changes = { selection: { method: 'full' }, data: { packing: 'stream' } };
		expect(overlay(file, changes)).toEqual({
			selection: { method: 'full' },
			data: { loss: 'all', packing: 'stream' },
		});
	});
});
