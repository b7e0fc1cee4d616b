/** What a run is: one schema for the form, the shared link, the command line, the store. Unknown keys are errors. */
import * as v from 'valibot';
import { isOfMuon, MuonSchema, notOfMuon } from './muon.ts';
import { optimizerKinds } from './optimizers.mjs';
import { PrecisionSchema } from './precision.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const rate = v.pipe(v.number(), v.finite(), v.minValue(0));

/**
 * Which layers train (k = number of decoder layers; embedding and head follow, not counted in k):
 * front k with the embedding, rear k with the head, cogsym k split between both ends with both,
 * position p moves the two cogsym regions inwards by p * k/2 layers, full = everything.
 */
export const SelectionSchema = v.variant('method', [
	v.strictObject({ method: v.literal('full') }),
	v.strictObject({ method: v.literal('front'), k: positive }),
	v.strictObject({ method: v.literal('rear'), k: positive }),
	v.strictObject({ method: v.literal('cogsym'), k: positive }),
	v.strictObject({ method: v.literal('position'), k: positive, position: count }),
	v.strictObject({
		method: v.literal('layers'),
		layers: v.array(count),
		embedding: v.boolean(),
		head: v.boolean(),
		finalNorm: v.boolean(),
	}),
]);
export type Selection = v.InferOutput<typeof SelectionSchema>;

/** A selection worked out for a model of L layers. */
export interface LayerSet {
	readonly layers: readonly number[];
	readonly embedding: boolean;
	readonly head: boolean;
	readonly finalNorm: boolean;
}

export const DataSchema = v.strictObject({
	/** Dataset id in the store. */
	dataset: v.string(),
	/** Rows [from, to) used for training; null = all but the held-out ones. */
	rows: v.nullable(v.tuple([count, count])),
	/**
	 * `unsloth`: one template, `stanford`: two (with and without input), `plain`: the output as it is, `chat`: the model's
	 * own chat template.
	 */
	template: v.picklist(['unsloth', 'stanford', 'plain', 'chat']),
	/** Which tokens are targets; in plain text all of them, of a chat's `response` those of the assistant's turns. */
	loss: v.picklist(['all', 'response']),
	/**
	 * `rows`: one row per sequence, padded. `bucketed`: the same, but rows of like length are batched together and padded
	 * to the longest of their batch. `segments`: whole rows share a sequence, none sees another. `stream`: all rows
	 * joined and cut into sequences, attention sees across them.
	 */
	packing: v.picklist(['stream', 'rows', 'bucketed', 'segments']),
	/** Tokens kept of one row, before the end-of-sequence token. */
	rowTokens: positive,
	/** Tokens of one training sequence. */
	sequenceLength: positive,
	/** `shuffled` draws a seeded permutation per epoch. */
	order: v.picklist(['sequential', 'shuffled']),
	/** The last `rows` rows are never trained on; their first `sequences` sequences are the held-out set. */
	heldOut: v.strictObject({ rows: count, sequences: v.nullable(positive) }),
});
export type DataSpec = v.InferOutput<typeof DataSchema>;

/** Linear layers of a decoder layer by PEFT's names, in the order of a block. */
export const adapterTargets = [
	'q_proj',
	'k_proj',
	'v_proj',
	'o_proj',
	'gate_proj',
	'up_proj',
	'down_proj',
] as const;

/**
 * Low-rank adapters (Hu et al. 2021) on linear layers of the selected decoder layers: W' = W + scale B A with
 * A [rank, in], B [out, rank]. These layers' own tensors stay frozen, norms and biases too; embedding, head and final
 * norm train in full where the selection includes them (PEFT: `modules_to_save`).
 */
const LoraSchema = v.strictObject({
	kind: v.literal('lora'),
	rank: positive,
	/** scale = alpha / rank (`standard`, as where it is not stated) or alpha / sqrt(rank) (`rank-stabilised`). */
	alpha: v.pipe(rate, v.gtValue(0)),
	scaling: v.exactOptional(v.picklist(['standard', 'rank-stabilised'])),
	/** Share of an adapter's inputs that are 0 in training. */
	dropout: v.pipe(rate, v.ltValue(1)),
	targets: v.pipe(
		v.array(
			v.picklist(
				adapterTargets,
				({ received }) =>
					`no adapter goes on ${received}; a decoder layer has ${adapterTargets.join(', ')}`,
			),
		),
		v.nonEmpty('name at least one linear layer for the adapters'),
		v.check((names) => new Set(names).size === names.length, 'a linear layer is named twice'),
	),
});
export type Lora = v.InferOutput<typeof LoraSchema>;

const OptimizerSchema = v.strictObject({
	/** Absent: `defaultOptimizer`. */
	kind: v.exactOptional(v.picklist(optimizerKinds)),
	/**
	 * What a tensor begins a stage with. `fresh` (as where it is not stated): moments of zero and update 1 of the bias
	 * correction. `carried`: where it trained in an earlier stage, the moments of its last update there, and its
	 * updates are counted on (its own: not those of stages in which it was frozen); else as fresh. The schedule
	 * begins anew either way. Moments that wait for a later stage are kept in main memory and in checkpoints, not on
	 * the device. Without `stages` there is nothing to carry.
	 */
	moments: v.exactOptional(v.picklist(['fresh', 'carried'])),
	learningRate: rate,
	beta1: v.pipe(rate, v.ltValue(1)),
	beta2: v.pipe(rate, v.ltValue(1)),
	epsilon: v.pipe(rate, v.gtValue(0)),
	weightDecay: rate,
	/** `all`: every trainable tensor; `matrices`: norms and biases excluded, as Hugging Face's Trainer does. */
	decay: v.picklist(['all', 'matrices']),
	/** Largest global gradient norm of an update; null, or 0 as earlier versions took it: no clipping (`clipNormOf`). */
	clipNorm: v.nullable(rate),
	/** How Muon moves; absent: as torch's does by default. */
	muon: v.exactOptional(MuonSchema),
});

export const RunSpecSchema = v.strictObject({
	/** Model id in the store. */
	model: v.string(),
	/** Clone a tied embedding into a head of its own, so that front and rear mean different matrices. */
	untie: v.boolean(),
	data: DataSchema,
	selection: SelectionSchema,
	/** How the selected layers train; absent: in full. (Not null: ids of runs from before it are hashes without it.) */
	tune: v.exactOptional(LoraSchema),
	/** In what weights are kept; absent: float32. */
	precision: v.exactOptional(PrecisionSchema),
	optimizer: v.pipe(
		OptimizerSchema,
		v.check((optimizer) => isOfMuon(optimizer), notOfMuon),
	),
	schedule: v.strictObject({
		/**
		 * With s = 0-based step, T = steps, w = warm-up: `constant`, `linear` and `cosine` are
		 * min(1, (s+1)/w) times 1, (1 - s/T), (1 + cos(pi s/T))/2. `huggingface-linear` is
		 * s/w below w, then (T-s)/(T-w): its first step has rate 0.
		 */
		kind: v.picklist(['constant', 'linear', 'cosine', 'huggingface-linear']),
		warmupSteps: count,
	}),
	/** Sequences per micro-batch and micro-batches per update. */
	batch: v.strictObject({ size: positive, accumulation: positive }),
	/** Number of updates; with `stages`, of each stage. */
	steps: positive,
	/**
	 * Regions trained one after the other once `selection` has been, each with a schedule of its own and, unless
	 * `optimizer.moments` are carried, an optimizer of its own; the data goes on. Absent: none. (Not empty: one spelling, one id.)
	 */
	stages: v.exactOptional(
		v.pipe(v.array(SelectionSchema), v.nonEmpty('leave `stages` out where there is none')),
	),
	seed: count,
	/** Whether blocks are run again in backward instead of keeping their activations. */
	recompute: v.picklist(['auto', 'always', 'never']),
	/** A resumable checkpoint is written after every so many updates, and at the end. */
	checkpointEvery: positive,
});
export type RunSpec = v.InferOutput<typeof RunSpecSchema>;

/** Updates of a whole run: events and metrics count them from 0 on, whatever the stage. */
export function totalSteps({ steps, stages = [] }: Pick<RunSpec, 'steps' | 'stages'>): number {
	return steps * (1 + stages.length);
}

/** Largest global gradient norm of an update; null: no clipping. A norm of 0 would let nothing train, and means off, too. */
export const clipNormOf = ({ clipNorm }: RunSpec['optimizer']): number | null =>
	clipNorm === 0 ? null : clipNorm;

/** JSON with sorted keys: equal specs give equal text. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (value !== null && typeof value === 'object') {
		const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
		return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
	}
	return JSON.stringify(value);
}
