/** AdamW (Loshchilov and Hutter 2019): decay, then the bias-corrected step, as torch.optim.AdamW; or the other way round. */
import type { AdamWStep } from '../../ops.ts';
import { parameterRounding } from '../weightFormats/bfloat16.ts';

/** Updates parameter, m and v in place with the gradient scaled by min(1, clipNorm / (norm + 1e-6)). */
export function adamW(
	parameter: Float32Array,
	gradient: Float32Array,
	m: Float32Array,
	v: Float32Array,
	norm: number,
	step: AdamWStep,
): void {
	if (!Number.isFinite(norm)) return;
	const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = step;
	const factor = clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
	const correction1 = 1 - beta1 ** step.step;
	const correction2 = 1 - beta2 ** step.step;
	const { decayed } = parameterRounding(step.rounding);
	for (let i = 0; i < parameter.length; i++) {
		const g = gradient[i]! * factor;
		m[i] = beta1 * m[i]! + (1 - beta1) * g;
		v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
		const keep = 1 - learningRate * weightDecay;
		const change =
			((learningRate / correction1) * m[i]!) / (Math.sqrt(v[i]! / correction2) + epsilon);
		const before = step.decay === 'before';
		const moved = parameter[i]! * (before ? keep : 1) - change;
		parameter[i] = decayed(moved, before ? 1 : keep, i);
	}
}
