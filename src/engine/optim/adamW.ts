/** AdamW (Loshchilov and Hutter 2019) as torch's, with moments in float32. */
import type { AdamWStep } from '../ops.ts';
import { rowsFuse } from './fused.ts';
import type { Moments, Optimizer, ParameterStep } from './optimizer.ts';

/** What the kernels are given; `decay`: see there. */
export const adamWStep = (
	{ optimizer, learningRate, weightDecay, step, clipNorm, rounding }: ParameterStep,
	decay: AdamWStep['decay'],
): AdamWStep => ({
	learningRate,
	beta1: optimizer.beta1,
	beta2: optimizer.beta2,
	epsilon: optimizer.epsilon,
	weightDecay,
	decay,
	step,
	clipNorm,
	...(rounding && { rounding }),
});

/** Of a parameter whose `states` are `m` and `v`. */
export const firstAndSecond = ({ m, v }: Moments) => [m!, v!] as const;

/** Elements of a whole vec4. */
const quad = 4;

export const adamW = {
	kind: 'adamw',
	states: ({ shape }) => ({ m: { shape, dtype: 'f32' }, v: { shape, dtype: 'f32' } }),
	update(ops, { parameter, moments, step }, gradient, norm) {
		const [m, v] = firstAndSecond(moments);
		ops.adamW(parameter, gradient, m, v, norm, adamWStep(step, 'before'));
	},
	fused: {
		takes: ({ shape }) => rowsFuse(shape, quad),
		update(fused, { parameter, moments, step }, dy, x, norm) {
			const [m, v] = firstAndSecond(moments);
			return fused.linearAdamW(parameter, dy, x, m, v, norm, adamWStep(step, 'before'));
		},
	},
} as const satisfies Optimizer;
