/** What the kernels of AdamW are given, in the order of their parameters from beta1 on. */
import type { AdamWStep } from '../../ops.ts';

export function adamWParameters(step: Omit<AdamWStep, 'clipNorm'>): number[] {
	const { learningRate, beta1, beta2, epsilon, weightDecay } = step;
	const keep = 1 - learningRate * weightDecay;
	return [
		beta1,
		beta2,
		epsilon,
		step.decay === 'before' ? keep : 1,
		step.decay === 'after' ? keep : 1,
		learningRate / (1 - beta1 ** step.step),
		1 / Math.sqrt(1 - beta2 ** step.step),
		1 - beta1,
		1 - beta2,
	];
}
