/** How the demo's base model comes about: architecture, pretraining, seeds. */
import type { MixEntry } from './documents.ts';
import { pretrainingMix, sentenceMix } from './mixes.ts';
import { vocabularySize } from './vocabulary.ts';

/** Contents of `config.json`. The model comes to 2.26 M parameters, 4.5 MB in bf16. */
export const baseConfig = {
	architectures: ['LlamaForCausalLM'],
	model_type: 'llama',
	hidden_size: 128,
	intermediate_size: 336,
	num_hidden_layers: 8,
	num_attention_heads: 4,
	num_key_value_heads: 4,
	vocab_size: vocabularySize,
	max_position_embeddings: 160,
	rms_norm_eps: 1e-5,
	rope_theta: 10000,
	hidden_act: 'silu',
	tie_word_embeddings: false,
	attention_bias: false,
	mlp_bias: false,
	bos_token_id: 1,
	eos_token_id: 2,
	torch_dtype: 'bfloat16',
};

/** One for everything that is drawn; documents and order of a phase add its number, counted from 0. */
export const seeds = { facts: 1, weights: 2, documents: 3, training: 4 };

export interface PretrainingPhase {
	/** Updates of the full recipe. */
	readonly steps: number;
	/** Peak of a cosine that ends with the phase. */
	readonly learningRate: number;
	readonly mix: readonly MixEntry[];
}

/** One after the other, each with a fresh optimizer: 10 M tokens in all. */
export const pretrainingPhases: readonly PretrainingPhase[] = [
	{ steps: 2600, learningRate: 2e-3, mix: pretrainingMix },
	{ steps: 3200, learningRate: 1.5e-3, mix: sentenceMix },
];

const sequenceLength = 144;
const batchSize = 12;

/** Documents whose loss is measured before and after, never trained on. */
const heldOutDocuments = 256;

/** Mean tokens of a document with its first and last one are 45.4; a little less, so that no document comes twice. */
const tokensPerDocument = 44;

/** Documents that `steps` updates need, the held-out ones included. */
export function documentCount(steps: number): number {
	return Math.ceil((steps * batchSize * sequenceLength) / tokensPerDocument) + heldOutDocuments;
}

/**
 * A phase in `steps` updates, as fields of the run specification. A shorter run is the same in small: the cosine
 * ends with it, the warm-up (150 updates at most) shrinks with it.
 */
export function pretrainingRun(phase: number, steps: number) {
	const { learningRate } = phaseOf(phase);
	return {
		untie: false,
		data: {
			template: 'plain',
			loss: 'all',
			packing: 'stream',
			order: 'sequential',
			rowTokens: 1024,
			sequenceLength,
			heldOut: { rows: heldOutDocuments, sequences: null },
		},
		selection: { method: 'full' },
		optimizer: {
			learningRate,
			beta1: 0.9,
			beta2: 0.97,
			epsilon: 1e-8,
			weightDecay: 0.05,
			decay: 'matrices',
			clipNorm: 1,
		},
		schedule: { kind: 'cosine', warmupSteps: Math.min(150, Math.round(0.06 * steps)) },
		batch: { size: batchSize, accumulation: 1 },
		steps,
		seed: seeds.training + phase,
		checkpointEvery: 500,
	} as const;
}

/** Phase `index` of the recipe, counted from 0. */
export function phaseOf(index: number): PretrainingPhase {
	const phase = pretrainingPhases[index];
	if (phase) return phase;
	throw new Error(`pretraining has ${pretrainingPhases.length} phases, there is no ${index}`);
}
