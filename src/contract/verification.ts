/** A reference file made with PyTorch (see `lab verify`), and how far the lab is from it. */
import * as v from 'valibot';

const matrix = v.array(v.array(v.number()));

const tokenId = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Rows of token ids, all of one length, as a batch is. */
const batch = v.pipe(
	v.array(v.array(v.pipe(v.number(), v.safeInteger()))),
	v.check(
		([first = [], ...rest]) => first.length > 0 && rest.every((row) => row.length === first.length),
		'needs rows of token ids, all as long',
	),
);

interface Batch {
	readonly input_ids: readonly (readonly number[])[];
	readonly labels: readonly (readonly number[])[];
}

/** Whether every id has a label. */
const isLabelled = ({ input_ids: ids, labels }: Batch): boolean =>
	ids.length === labels.length && ids[0]?.length === labels[0]?.length;

const notLabelled = '"input_ids" and "labels" need as many rows and columns as each other';

const ReferenceObject = v.object({
	source: v.optional(v.string()),
	input_ids: batch,
	attention_mask: matrix,
	labels: batch,
	loss: v.number(),
	logits_row0: v.array(v.number()),
	grad_norms: v.record(v.string(), v.number()),
	grads: v.record(v.string(), v.array(v.number())),
	embed_grad_norm_per_row: v.optional(v.array(v.number())),
	adamw: v.object({
		lr: v.number(),
		betas: v.tuple([v.number(), v.number()]),
		eps: v.number(),
		weight_decay: v.number(),
		clip_global_norm: v.number(),
		losses_before_each_step: v.record(v.string(), v.array(v.number())),
	}),
	greedy: v.object({ prompt: v.array(tokenId), output: v.array(v.number()) }),
	hidden_norms_row0: v.array(v.number()),
});
export const ReferenceSchema = v.pipe(
	ReferenceObject,
	v.check((one) => isLabelled(one), notLabelled),
);
export type Reference = v.InferOutput<typeof ReferenceSchema>;

/** Of a model with an adapter, made with PEFT. */
const AdapterReferenceObject = v.object({
	source: v.optional(v.string()),
	input_ids: batch,
	labels: batch,
	loss: v.number(),
	logits_row0: v.array(v.number()),
	/** Of every tensor that trains, by PEFT's name. */
	grad_norms: v.record(v.string(), v.number()),
	adamw: v.object({
		lr: v.number(),
		/** Where they are absent, torch's own. */
		betas: v.optional(v.tuple([v.number(), v.number()]), [0.9, 0.999]),
		eps: v.optional(v.number(), 1e-8),
		weight_decay: v.number(),
		clip: v.nullable(v.number()),
		losses_before_each_step: v.array(v.number()),
	}),
});
export const AdapterReferenceSchema = v.pipe(
	AdapterReferenceObject,
	v.check((one) => isLabelled(one), notLabelled),
);
export type AdapterReference = v.InferOutput<typeof AdapterReferenceSchema>;

/** One compared quantity. */
export interface VerificationRow {
	readonly quantity: string;
	/** Largest |ours - reference| / scale, where scale is the largest |reference| of the quantity. */
	readonly error: number;
	readonly tolerance: number;
	readonly passed: boolean;
}

export interface VerificationReport {
	readonly rows: readonly VerificationRow[];
	readonly passed: boolean;
}
