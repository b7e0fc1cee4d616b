/** Gradient and update of a linear layer's weight in one. */
import type { AdamWStep, Tensor } from './ops.ts';

/** Without clipping, which needs the norm of all gradients first. */
export type FusedStep = Omit<AdamWStep, 'clipNorm'>;

/**
 * What `linearBackwardWeight`, then `adamW` or `adamW8bit` without clipping do to a weight [out, in] and its moments, to
 * the order of sums, but the gradient dyᵀ x of dy [rows, out] and x [rows, in] is never in memory: it is summed in
 * registers and applied there. `norm` [1]: nothing changes where it is not a finite number.
 *
 * Bytes of memory moved for each weight, f32 with f32 moments: 24 instead of 36 (the gradient is written once and read by
 * the norm and the update), bf16 with 8-bit moments 8 instead of 20; for 2 · rows operations either way. x and dy are
 * read more often than by the product alone, but from caches: a part has 16 rows, not 64.
 *
 * @returns norms of the parts that the gradient is summed in: `globalNorm` of them is the gradient's. A part that is not
 * finite changes nothing; others do.
 */
export interface FusedOps {
	/** `parameter.shape` by `rowsFuse` (optim/fused.ts), moments f32. */
	readonly linearAdamW: (
		parameter: Tensor,
		dy: Tensor,
		x: Tensor,
		m: Tensor,
		v: Tensor,
		norm: Tensor,
		step: FusedStep,
	) => Tensor;
	/** Likewise; `states`, `maps` as in `adamW8bit`. */
	readonly linearAdamW8bit: (
		parameter: Tensor,
		dy: Tensor,
		x: Tensor,
		states: Tensor,
		maps: Tensor,
		norm: Tensor,
		step: Omit<FusedStep, 'decay'>,
	) => Tensor;
}
