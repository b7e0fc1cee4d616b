/** Runs are found again by the hash of what they were asked to do: the ids of stored runs must stay. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { runId } from './runId.ts';
import { RunSpecSchema } from './spec.ts';

const plain = {
	model: 'm',
	untie: true,
	data: {
		...{ dataset: 'd', rows: [0, 100], template: 'unsloth', loss: 'all' },
		...{ packing: 'rows', rowTokens: 512, sequenceLength: 512, order: 'shuffled' },
		heldOut: { rows: 60, sequences: 64 },
	},
	selection: { method: 'cogsym', k: 4 },
	optimizer: {
		...{ learningRate: 5e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
		...{ weightDecay: 0.01, decay: 'matrices', clipNorm: 1 },
	},
	schedule: { kind: 'huggingface-linear', warmupSteps: 10 },
	batch: { size: 4, accumulation: 2 },
	steps: 100,
	seed: 3407,
	recompute: 'auto',
	checkpointEvery: 50,
};

/** Each as the version that brought its fields in stored it. */
test.each([
	['plain', {}, '20e65652900fa70b'],
	[
		'moments in 8 bits',
		{ optimizer: { ...plain.optimizer, kind: 'adamw-8bit' } },
		'0defaa46f1ad8c7d',
	],
	[
		'painted layers',
		{
			selection: {
				method: 'layers',
				layers: [0, 3],
				embedding: true,
				head: false,
				finalNorm: true,
			},
		},
		'1cfdb92143a3fb21',
	],
	[
		'LoRA in few bits, one stage after the other',
		{
			tune: {
				kind: 'lora',
				rank: 8,
				alpha: 16,
				scaling: 'rank-stabilised',
				dropout: 0.1,
				targets: ['q_proj', 'v_proj'],
			},
			precision: { frozen: 'nf4', trainable: 'bf16' },
			stages: [{ method: 'rear', k: 2 }],
		},
		'383b458b7253b256',
	],
])('the id of a run of today: %s', async (_name, change, id) => {
	expect(await runId(v.parse(RunSpecSchema, { ...plain, ...change }))).toBe(id);
});
