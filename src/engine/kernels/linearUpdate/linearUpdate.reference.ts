/** Gradient and update of a linear layer's weight, one after the other. */
import type { FusedStep } from '../../fusedOps.ts';
import { adamW } from '../adamW/adamW.reference.ts';
import { adamW8bit } from '../adamW8bit/adamW8bit.reference.ts';
import { linearBackwardWeight } from '../linear/linear.reference.ts';

type Shape = Parameters<typeof linearBackwardWeight>[2];

/** Changes parameter, m and v. @returns the gradient */
export function linearAdamW(
	parameter: Float32Array,
	[dy, x, shape]: readonly [Float32Array, Float32Array, Shape],
	m: Float32Array,
	v: Float32Array,
	step: FusedStep,
): Float32Array {
	const gradient = linearBackwardWeight(dy, x, shape);
	adamW(parameter, gradient, m, v, 0, { ...step, clipNorm: null });
	return gradient;
}

/** Changes parameter and states. @returns the gradient */
export function linearAdamW8bit(
	parameter: Float32Array,
	[dy, x, shape]: readonly [Float32Array, Float32Array, Shape],
	states: Int32Array,
	maps: Float32Array,
	step: Omit<FusedStep, 'decay'>,
): Float32Array {
	const gradient = linearBackwardWeight(dy, x, shape);
	adamW8bit(parameter, gradient, states, maps, 0, { ...step, clipNorm: null });
	return gradient;
}
