/** What the kernels of 8-bit AdamW are given. */
import type { AdamWStep } from '../../ops.ts';

export interface AdamW8bitParameters {
	readonly beta1: number;
	/** 1 - beta1. */
	readonly share1: number;
	readonly beta2: number;
	/** 1 - beta2. */
	readonly share2: number;
	/** Learning rate times sqrt(1 - beta2^t) / (1 - beta1^t). */
	readonly rate: number;
	/** Epsilon times sqrt(1 - beta2^t). */
	readonly floor: number;
	/** What the decay leaves of a weight. */
	readonly keep: number;
}

/** Betas are rounded to float32 first, as in bitsandbytes: of 0.999 that changes 1 - beta2 by 1e-5 of itself. */
export function adamW8bitParameters(
	step: Omit<AdamWStep, 'decay' | 'clipNorm'>,
): AdamW8bitParameters {
	const { learningRate, epsilon, weightDecay } = step;
	const beta1 = Math.fround(step.beta1);
	const beta2 = Math.fround(step.beta2);
	const root = Math.sqrt(1 - beta2 ** step.step);
	return {
		beta1,
		share1: 1 - beta1,
		beta2,
		share2: 1 - beta2,
		rate: (learningRate * root) / (1 - beta1 ** step.step),
		floor: epsilon * root,
		keep: 1 - learningRate * weightDecay,
	};
}
