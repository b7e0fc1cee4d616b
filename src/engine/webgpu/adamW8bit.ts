// The optimizer step with 8-bit states.
import adamW8bitCode from '../kernels/adamW8bit/adamW8bit.wgsl?raw';
import { blockSize } from '../kernels/adamW8bit/layout.ts';
import { adamW8bitParameters } from '../kernels/adamW8bit/parameters.ts';
import { roundingParameters } from '../kernels/weights/bfloat16.ts';
import rowTree from '../kernels/shared/rowTree.wgsl?raw';
import type { Ops } from '../ops.ts';
import type { Context } from './context.ts';
import { byParameter } from './weights.ts';

export const createUpdate8bit = (context: Context): Pick<Ops, 'adamW8bit'> => {
	const kernels = byParameter((format, code) =>
		context.kernel(
			`adamW8bit ${format}`,
			rowTree + code + adamW8bitCode,
			'wrwrr',
			format !== 'f32',
		),
	);
	return {
		adamW8bit: (parameter, gradient, states, maps, norm, step) => {
			const { clipNorm } = step;
			const { beta1, share1, beta2, share2, rate, floor, keep } = adamW8bitParameters(step);
			const blocks = [parameter, gradient, states, maps, norm].map(context.block);
			const clip = clipNorm === null ? 0 : 1;
			const integers = [parameter.size, clip, ...roundingParameters(step.rounding)];
			const numbers = [clipNorm ?? 0, beta1, share1, beta2, share2, rate, floor, keep];
			const count = Math.ceil(parameter.size / blockSize);
			context.runtime.dispatch(kernels(parameter), blocks, count, integers, numbers);
		},
	};
};
