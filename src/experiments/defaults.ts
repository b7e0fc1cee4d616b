/** The run a user gets without touching a field: one place for the form, the shared link and the command line. */
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import type { RunSpec, Selection } from '../contract/spec.ts';
import { defaultBudget } from '../selection/positional.ts';

/** Tokens of a sequence where the model's context allows it; more seldom fits a browser's memory. */
const maximumSequenceLength = 512;

/**
 * CogSym on about a quarter of the layers, both ends alike: k is even and at least 2, where the model has two layers.
 */
export function defaultSelection(layers: number): Selection {
	if (layers < 2) return { method: 'full' };
	return { method: 'cogsym', k: defaultBudget(layers) };
}

/** A tenth of the updates, as Unsloth's patched SFTConfig has it. */
export function defaultWarmup(steps: number): number {
	return Math.round(steps / 10);
}

/**
 * Small models need larger steps to move within a hundred updates: 1e-3 below 50 M parameters, 2e-4 below 500 M,
 * else 5e-5, the patched default of Unsloth for full tuning.
 */
export function defaultLearningRate(parameters: number): number {
	if (parameters < 50e6) return 1e-3;
	return parameters < 500e6 ? 2e-4 : 5e-5;
}

/** Chats take the model's own, plain text none. */
function templateFor({
	mapping,
	chats,
}: Partial<Pick<DatasetRecord, 'mapping' | 'chats'>>): RunSpec['data']['template'] {
	if (chats) return 'chat';
	return mapping?.instruction === null ? 'plain' : 'unsloth';
}

/**
 * Default specification for a model and a dataset: full tuning of the chosen tensors in Unsloth's manner (effective batch 8,
 * learning rate by size, linear decay after 10 % warm-up, weight decay 0.01 on matrices, clip 1, seed 3407, one template,
 * loss on all tokens, one row per sequence; plain text stays plain, chats take the model's own template), with the last rows held out and sequences no longer than the context.
 */
export function defaultSpec(
	model: Pick<ModelRecord, 'id' | 'parameters'> & {
		readonly config: Pick<ModelRecord['config'], 'layers' | 'contextLength'>;
	},
	dataset: Pick<DatasetRecord, 'id' | 'rows'> & Partial<Pick<DatasetRecord, 'mapping' | 'chats'>>,
): RunSpec {
	const sequenceLength = Math.min(maximumSequenceLength, model.config.contextLength);
	const steps = 100;
	return {
		model: model.id,
		untie: true,
		data: {
			dataset: dataset.id,
			rows: null,
			template: templateFor(dataset),
			loss: 'all',
			packing: 'rows',
			// One place is the end-of-sequence token's.
			rowTokens: sequenceLength - 1,
			sequenceLength,
			order: 'shuffled',
			heldOut: { rows: Math.min(60, Math.floor(dataset.rows / 10)), sequences: null },
		},
		selection: defaultSelection(model.config.layers),
		optimizer: {
			learningRate: defaultLearningRate(model.parameters),
			beta1: 0.9,
			beta2: 0.999,
			epsilon: 1e-8,
			weightDecay: 0.01,
			decay: 'matrices',
			clipNorm: 1,
		},
		schedule: { kind: 'huggingface-linear', warmupSteps: defaultWarmup(steps) },
		batch: { size: 4, accumulation: 2 },
		steps,
		seed: 3407,
		recompute: 'auto',
		checkpointEvery: 50,
	};
}
