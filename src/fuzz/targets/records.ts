/** What the lab wrote itself and reads again: specifications of runs, kept results, reference files. */
import * as v from 'valibot';
import { AdapterReferenceSchema, ReferenceSchema } from '../../contract/verification.ts';
import { canonicalJson, type RunSpec } from '../../contract/spec.ts';
import { namedError } from '../../contract/errors.ts';
import { referenceBlock } from '../../engine/verify.ts';
import { overrideSpec } from '../../experiments/overrideSpec.ts';
import { overlay } from '../../headless/specChanges.mjs';
import { initialSpec, parseSpec } from '../../state/defaults.ts';
import { keptCurve, withKept } from '../../state/demoKept.ts';
import { parseJson } from '../../weights/input.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { claim, jsonBytes, type Target } from '../target.ts';

const specs: readonly RunSpec[] = [
	{ ...initialSpec, model: 'm', data: { ...initialSpec.data, dataset: 'd' } },
	{
		...initialSpec,
		selection: { method: 'layers', layers: [0, 1], embedding: true, head: false, finalNorm: true },
		tune: {
			...{ kind: 'lora', rank: 8, alpha: 16, scaling: 'rank-stabilised', dropout: 0 },
			targets: ['q_proj', 'v_proj'],
		},
		precision: { frozen: 'nf4', trainable: 'bf16' },
		stages: [{ method: 'rear', k: 2 }],
	},
];

const mutators = [...byteMutators, ...jsonMutators, ...jsonMutators];

export const spec: Target = {
	name: 'run-spec',
	seeds: () => specs.map(jsonBytes),
	mutators,
	read: async (bytes) => {
		await Promise.resolve();
		const text = new TextDecoder().decode(bytes);
		const found = parseSpec(text);
		if (!found) throw namedError('BadInput', 'no specification');
		claim(
			canonicalJson(JSON.parse(text)) === canonicalJson(found),
			'part of the specification is lost without a word',
		);
	},
};

/** Fields over a specification, as the command line takes them from a file. */
export const specFields: Target = {
	name: 'spec-fields',
	seeds: () => [
		jsonBytes({ steps: 7, optimizer: { learningRate: 0.1 }, data: { packing: 'stream' } }),
		jsonBytes(specs[1]),
	],
	mutators,
	read: async (bytes) => {
		await Promise.resolve();
		const fields = parseJson(bytes, 'spec.json');
		const found = overrideSpec(
			specs[0] ?? initialSpec,
			overlay(fields as Record<string, unknown>, {}),
		);
		claim(parseSpec(JSON.stringify(found)) !== null, 'it is no specification');
	},
};

/** Results of the demo that outlive a reload: text that is none changes nothing. */
export const kept: Target = {
	name: 'kept-results',
	seeds: () => [
		jsonBytes({
			at: 1,
			points: [
				{
					id: 'front',
					scores: { understood: { mean: 0.5, count: 2 } },
					curve: [{ step: 1, understands: { mean: 1, count: 2 }, speaks: null }],
				},
			],
		}),
	],
	mutators,
	read: async (bytes) => {
		await Promise.resolve();
		const text = new TextDecoder().decode(bytes);
		withKept([], text);
		keptCurve(text, 'front');
	},
};

const batch = { input_ids: [[1, 2, 3]], labels: [[-100, 2, 3]] };
const reference = {
	...batch,
	...{ attention_mask: [[1, 1, 1]], loss: 1.5, logits_row0: [0.1], grad_norms: { w: 1 } },
	grads: { w: [1, 2] },
	adamw: {
		...{ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, clip_global_norm: 1 },
		losses_before_each_step: { full: [1, 2] },
	},
	greedy: { prompt: [1], output: [1, 2] },
	hidden_norms_row0: [1, 2],
};

export const references: Target = {
	name: 'reference',
	seeds: () => [
		jsonBytes(reference),
		jsonBytes({
			...batch,
			...{ loss: 1, logits_row0: [1], grad_norms: { w: 1 } },
			adamw: { lr: 1e-3, weight_decay: 0, clip: null, losses_before_each_step: [1] },
		}),
	],
	mutators,
	read: async (bytes) => {
		await Promise.resolve();
		const json = parseJson(bytes, 'reference.json');
		const parsed = v.safeParse(v.union([ReferenceSchema, AdapterReferenceSchema]), json);
		if (!parsed.success) throw namedError('BadInput', 'no reference');
		const { count, sequenceLength, inputIds, targets } = referenceBlock(parsed.output, 8);
		claim(inputIds.length === count * sequenceLength, 'its rows are not as long');
		claim(targets.length === inputIds.length, 'a token has no target');
		claim(
			targets.every((id) => id === -100 || (id >= 0 && id < 8)),
			'a target is no token',
		);
	},
};
