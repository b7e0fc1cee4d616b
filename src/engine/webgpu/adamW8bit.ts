// The optimizer step with 8-bit states.
import adamW8bitCode from '../kernels/adamW8bit/adamW8bit.wgsl?raw';
import stepBlockCode from '../kernels/adamW8bit/stepBlock.wgsl?raw';
import isFiniteCode from '../kernels/shared/isFinite.wgsl?raw';
import { blockSize } from '../kernels/adamW8bit/layout.ts';
import { adamW8bitParameters } from '../kernels/adamW8bit/parameters.ts';
import { roundingParameters } from '../kernels/weightFormats/bfloat16.ts';
import type { Ops, Tensor } from '../ops.ts';
import { type Context, rowsOf } from './context.ts';
import { workgroupRows } from './rowSums.ts';
import { byParameter } from './weights.ts';

/** Runs of blocks that lie in one window of the parameter and one of the states, which are split at other places. */
export const overlaps = (parameters: readonly Tensor[], states: readonly Tensor[]) => {
	const found = [];
	let firstBlock = 0;
	for (const [window, parameter] of parameters.entries()) {
		const end = firstBlock + Math.ceil(parameter.size / blockSize);
		let firstStates = 0;
		for (const packed of states) {
			const statesEnd = firstStates + rowsOf(packed);
			const from = Math.max(firstBlock, firstStates);
			const count = Math.min(end, statesEnd) - from;
			const [inWindow, inStates] = [from - firstBlock, from - firstStates];
			const firstQuad = (firstBlock * blockSize) / 4;
			if (count > 0)
				found.push({ window, parameter, packed, inWindow, inStates, count, firstQuad });
			firstStates = statesEnd;
		}
		firstBlock = end;
	}
	return found;
};

export const createUpdate8bit = (context: Context): Pick<Ops, 'adamW8bit'> => {
	const kernels = byParameter((format, code) =>
		context.kernel(
			`adamW8bit ${format}`,
			workgroupRows(context) + code + isFiniteCode + stepBlockCode + adamW8bitCode,
			'wrwrr',
			format !== 'f32',
		),
	);
	const { arena, runtime } = context;
	return {
		adamW8bit: (parameter, gradient, states, maps, norm, step) => {
			const { clipNorm } = step;
			const { beta1, share1, beta2, share2, rate, floor, keep } = adamW8bitParameters(step);
			const clip = clipNorm === null ? 0 : 1;
			const numbers = [clipNorm ?? 0, beta1, share1, beta2, share2, rate, floor, keep];
			const gradients = arena.windows(gradient);
			for (const part of overlaps(arena.windows(parameter), arena.windows(states))) {
				const { window, inWindow, packed, inStates, count } = part;
				const tensors = [part.parameter, gradients[window]!, packed, maps, norm];
				const integers = [part.parameter.size, count, inWindow, inStates, part.firstQuad];
				runtime.dispatch(
					kernels(parameter),
					tensors.map(context.block),
					count,
					[...integers, clip, ...roundingParameters(step.rounding)],
					numbers,
				);
			}
		},
	};
};
