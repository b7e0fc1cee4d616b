// Layer normalisation and GELU of encoders, forward only.
import type { EncoderOps } from '../encoderOps.ts';
import geluCode from '../kernels/gelu/gelu.wgsl?raw';
import layerNormCode from '../kernels/layerNorm/layerNorm.wgsl?raw';
import type { Context } from './context.ts';
import { groupsFor, quadsOf } from './context.ts';
import { rowCode } from './rowSums.ts';

export const createEncoderOps = (context: Context): EncoderOps => {
	const { runtime, variant, block } = context;
	const regs = variant === 'regs';
	const layerNorm = context.kernel('layerNorm', rowCode(context) + layerNormCode, 'rrrw', true);
	const gelu = context.kernel('gelu', geluCode, 'rw', true);
	return {
		layerNorm: (x, weight, bias, epsilon) => {
			const width = weight.size;
			const rows = x.size / width;
			const y = context.empty(x.shape);
			const blocks = [x, weight, bias, y].map(block);
			const groups = regs ? groupsFor(rows) : rows;
			runtime.dispatch(layerNorm, blocks, groups, [rows, width], [epsilon]);
			return y;
		},
		gelu: (x) => {
			const out = context.empty(x.shape);
			const quads = quadsOf(x);
			runtime.dispatch(gelu, [x, out].map(block), groupsFor(quads), [quads]);
			return out;
		},
	};
};
