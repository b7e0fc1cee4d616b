/** What the benches that train a small real checkpoint have in common. */
import { readFile } from 'node:fs/promises';
import type { RunSpec } from '../../src/contract/spec.ts';
import type { RunsJob } from './page/api.ts';

export const MODEL = '../shared/data/models/stories260K';

export async function modelFiles(): Promise<RunsJob['files']> {
	const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
	return Promise.all(
		names.map(async (name) => ({ name, bytes: [...(await readFile(`${MODEL}/${name}`))] })),
	);
}

/** Everything trains, 8 sequences of 128 tokens. */
export const baseSpec: RunSpec = {
	model: 'stories260K',
	untie: true,
	data: {
		dataset: '',
		rows: null,
		template: 'unsloth',
		loss: 'all',
		packing: 'stream',
		rowTokens: 512,
		sequenceLength: 128,
		order: 'sequential',
		heldOut: { rows: 0, sequences: null },
	},
	selection: { method: 'full' },
	optimizer: {
		learningRate: 1e-3,
		beta1: 0.9,
		beta2: 0.999,
		epsilon: 1e-8,
		weightDecay: 0.01,
		decay: 'all',
		clipNorm: 1,
	},
	schedule: { kind: 'constant', warmupSteps: 0 },
	batch: { size: 8, accumulation: 1 },
	steps: 1,
	seed: 1,
	recompute: 'never',
	checkpointEvery: 100,
};
