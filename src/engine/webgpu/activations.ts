// Activations of an mlp, forward and backward.
import type { ActivationOps, XieluCurve } from '../activationOps.ts';
import gegluCode from '../kernels/geglu/geglu.wgsl?raw';
import gegluBackwardCode from '../kernels/geglu/gegluBackward.wgsl?raw';
import tangentCode from '../kernels/geglu/tangent.wgsl?raw';
import swigluCode from '../kernels/swiglu/swiglu.wgsl?raw';
import swigluBackwardCode from '../kernels/swiglu/swigluBackward.wgsl?raw';
import xieluParts from '../kernels/xielu/parts.wgsl?raw';
import xieluCode from '../kernels/xielu/xielu.wgsl?raw';
import xieluBackwardCode from '../kernels/xielu/xieluBackward.wgsl?raw';
import xieluAlphasCode from '../kernels/xielu/xieluBackwardAlphas.wgsl?raw';
import type { Tensor } from '../ops.ts';
import { type Context, groupsFor, quadsOf, rowsOf, widthOf } from './context.ts';
import { rowCode } from './rowSums.ts';
import type { Kernel } from './runtime.ts';

export const createActivations = (context: Context): ActivationOps => {
	const forward = (kernel: Kernel) => (gate: Tensor, up: Tensor) => {
		const out = context.empty(gate.shape);
		const quads = quadsOf(gate);
		const blocks = [gate, up, out].map(context.block);
		context.runtime.dispatch(kernel, blocks, groupsFor(quads), [quads]);
		return out;
	};
	const backward = (kernel: Kernel) => (dOut: Tensor, gate: Tensor, up: Tensor) => {
		const quads = quadsOf(gate);
		const blocks = [dOut, gate, up].map(context.block);
		context.runtime.dispatch(kernel, blocks, groupsFor(quads), [quads]);
	};
	const define = (label: string, code: string, access: string) =>
		context.kernel(label, code, access, true);
	return {
		swiglu: forward(context.kernel('swiglu', swigluCode, 'rrw')),
		swigluBackwardInPlace: backward(context.kernel('swigluBackward', swigluBackwardCode, 'rww')),
		geglu: forward(define('geglu', tangentCode + gegluCode, 'rrw')),
		gegluBackwardInPlace: backward(define('gegluBackward', tangentCode + gegluBackwardCode, 'rww')),
		...createXielu(context),
	};
};

type Xielu = Pick<ActivationOps, 'xielu' | 'xieluBackwardInPlace' | 'xieluBackwardAlphas'>;

const createXielu = (context: Context): Xielu => {
	const { runtime, variant } = context;
	const regs = variant === 'regs';
	// What rows are added up by comes first: it may enable an extension.
	const kernel = (label: string, code: string, access: string, before = '') =>
		context.kernel(label, before + xieluParts + code, access, true);
	const forward = kernel('xielu', xieluCode, 'rrrw');
	const backward = kernel('xieluBackward', xieluBackwardCode, 'wrrr');
	const alphas = kernel('xieluBackwardAlphas', xieluAlphasCode, 'rrrrww', rowCode(context));
	const blocksOf = (...tensors: readonly Tensor[]) => tensors.map(context.block);
	return {
		xielu: (x, { alphaP, alphaN, beta, epsilon }: XieluCurve) => {
			const out = context.empty(x.shape);
			const blocks = blocksOf(x, alphaP, alphaN, out);
			runtime.dispatch(forward, blocks, groupsFor(x.size), [x.size], [beta, epsilon]);
			return out;
		},
		xieluBackwardInPlace: (dOut, x, { alphaP, alphaN, beta }) => {
			const blocks = blocksOf(dOut, x, alphaP, alphaN);
			runtime.dispatch(backward, blocks, groupsFor(x.size), [x.size], [beta]);
		},
		xieluBackwardAlphas: (dOut, x, { alphaP, alphaN, epsilon }) => {
			const rows = rowsOf(x);
			const sums = { alphaP: context.empty([rows, 1]), alphaN: context.empty([rows, 1]) };
			const blocks = blocksOf(dOut, x, alphaP, alphaN, sums.alphaP, sums.alphaN);
			const groups = regs ? groupsFor(rows) : rows;
			runtime.dispatch(alphas, blocks, groups, [rows, widthOf(x)], [epsilon]);
			return sums;
		},
	};
};
