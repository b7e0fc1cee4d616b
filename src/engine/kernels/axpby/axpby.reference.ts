/** BLAS's axpby with a factor that is known on the device only. */
import type { Axpby } from '../../ops.ts';
import { parameterRounding } from '../weightFormats/bfloat16.ts';
import { sharedFactor } from './parameters.ts';

/** target = alpha factor x + beta target, in place. */
export function axpby(target: Float32Array, x: Float32Array, norm: number, scales: Axpby): void {
	if (!Number.isFinite(norm)) return;
	const { beta, rounding } = scales;
	const alpha = scales.alpha * sharedFactor(scales, norm);
	const { rounded } = parameterRounding(rounding);
	for (let i = 0; i < target.length; i++) target[i] = rounded(alpha * x[i]! + beta * target[i]!, i);
}
