/** A reference file made with PyTorch (see `lab verify`), and how far the lab is from it. */
import * as v from 'valibot';

const matrix = v.array(v.array(v.number()));

export const ReferenceSchema = v.object({
	source: v.optional(v.string()),
	input_ids: matrix,
	attention_mask: matrix,
	labels: matrix,
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
	greedy: v.object({ prompt: v.array(v.number()), output: v.array(v.number()) }),
	hidden_norms_row0: v.array(v.number()),
});
export type Reference = v.InferOutput<typeof ReferenceSchema>;

/** Of a model with an adapter, made with PEFT. */
export const AdapterReferenceSchema = v.object({
	source: v.optional(v.string()),
	input_ids: matrix,
	labels: matrix,
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
