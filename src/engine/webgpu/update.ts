// Loss, global gradient norm and the optimizer step.
import type { Ops } from '../ops.ts';
import adamWCode from '../kernels/adamW/adamW.wgsl?raw';
import stepCode from '../kernels/adamW/step.wgsl?raw';
import { adamWParameters } from '../kernels/adamW/parameters.ts';
import crossEntropyCode from '../kernels/crossEntropy/crossEntropy.wgsl?raw';
import isFiniteCode from '../kernels/shared/isFinite.wgsl?raw';
import normCode from '../kernels/globalNorm/norm.wgsl?raw';
import partialCode from '../kernels/globalNorm/partialSquares.wgsl?raw';
import { roundingParameters } from '../kernels/weightFormats/bfloat16.ts';
import type { Context } from './context.ts';
import { workgroupRows } from './rowSums.ts';
import { byParameter } from './weights.ts';
import { groupsFor, quadsOf, rowsOf, widthOf } from './context.ts';

/** Elements whose squares one workgroup sums; the same number stands in partialSquares.wgsl. */
const elementsPerSum = 4096;

const createAdamW = (context: Context): Ops['adamW'] => {
	const { runtime, arena } = context;
	const kernels = byParameter((format, code) =>
		context.kernel(
			`adamW ${format}`,
			code + isFiniteCode + stepCode + adamWCode,
			'wrwwr',
			format !== 'f32',
		),
	);
	return (parameter, gradient, m, v, norm, step) => {
		const { clipNorm } = step;
		const numbers = [clipNorm ?? 0, ...adamWParameters(step)];
		const clip = clipNorm === null ? 0 : 1;
		const [gradients, ms, vs] = [gradient, m, v].map(arena.windows);
		let first = 0;
		arena.windows(parameter).forEach((window, i) => {
			const blocks = [window, gradients![i]!, ms![i]!, vs![i]!, norm].map(context.block);
			const quads = quadsOf(window);
			const integers = [quads, first, clip, ...roundingParameters(step.rounding)];
			runtime.dispatch(kernels(parameter), blocks, groupsFor(quads), integers, numbers);
			first += quads;
		});
	};
};

export const createUpdate = (
	context: Context,
): Pick<Ops, 'crossEntropy' | 'globalNorm' | 'adamW'> => {
	const { runtime, arena } = context;
	const rows = workgroupRows(context);
	const lossKernel = context.kernel('crossEntropy', rows + crossEntropyCode, 'wrw');
	const partialKernel = context.kernel('partialSquares', rows + partialCode, 'rw');
	const normKernel = context.kernel('globalNorm', rows + normCode, 'rw');
	return {
		crossEntropy: (logits, labels, gradientScale) => {
			const count = rowsOf(logits);
			const losses = context.empty([count]);
			const blocks = [logits, labels, losses].map(context.block);
			const sizes = [count, widthOf(logits), gradientScale === null ? 0 : 1];
			runtime.dispatch(lossKernel, blocks, count, sizes, [gradientScale ?? 0]);
			return losses;
		},
		globalNorm: (whole) => {
			const tensors = whole.flatMap(arena.windows);
			const counts = tensors.map(({ size }) => Math.ceil(size / elementsPerSum));
			const total = counts.reduce((sum, count) => sum + count, 0);
			const sums = context.empty([Math.max(1, total)]);
			const into = context.block(sums);
			let offset = 0;
			tensors.forEach((tensor, i) => {
				const count = counts[i] ?? 0;
				const blocks = [context.block(tensor), into];
				runtime.dispatch(partialKernel, blocks, count, [tensor.size, count, offset]);
				offset += count;
			});
			const norm = context.empty([1]);
			runtime.dispatch(normKernel, [into, context.block(norm)], 1, [total]);
			arena.release(sums);
			return norm;
		},
		adamW: createAdamW(context),
	};
};
