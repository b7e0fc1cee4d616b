// Normalisation and rotary embedding, forward and backward.
import type { Ops } from '../ops.ts';
import columnSerial from '../kernels/shared/columnSerial.wgsl?raw';
import columnTree from '../kernels/shared/columnTree.wgsl?raw';
import normCode from '../kernels/rmsNorm/rmsNorm.wgsl?raw';
import normBackwardCode from '../kernels/rmsNorm/rmsNormBackward.wgsl?raw';
import normWeightCode from '../kernels/rmsNorm/rmsNormBackwardWeight.wgsl?raw';
import rotateCode from '../kernels/rotate/rotate.wgsl?raw';
import type { Context } from './context.ts';
import { groupsFor, threads, widthOf } from './context.ts';
import { rowCode } from './rowSums.ts';

type Norm = Pick<Ops, 'rmsNorm' | 'rmsNormBackward' | 'rmsNormBackwardWeight'>;

export const createNorm = (context: Context): Norm => {
	const { runtime, variant } = context;
	const regs = variant === 'regs';
	const sums = rowCode(context);
	const groupsForRows = (rows: number) => (regs ? groupsFor(rows) : rows);
	const columnsPerGroup = regs ? threads : threads / 4;
	const forward = context.kernel('rmsNorm', sums + normCode, 'rrww');
	const backward = context.kernel('rmsNormBackward', sums + normBackwardCode, 'rrrrw');
	const columnCode = regs ? columnSerial : columnTree;
	const backwardWeight = context.kernel(
		'rmsNormBackwardWeight',
		columnCode + normWeightCode,
		'rrrw',
	);
	return {
		rmsNorm: (x, weight, epsilon) => {
			const width = weight.size;
			const rows = x.size / width;
			const y = context.empty(x.shape);
			const inverseRms = context.empty([rows]);
			const blocks = [x, weight, y, inverseRms].map(context.block);
			runtime.dispatch(forward, blocks, groupsForRows(rows), [rows, width], [epsilon]);
			return { y, inverseRms };
		},
		rmsNormBackward: (dy, x, weight, inverseRms, into) => {
			const width = weight.size;
			const rows = x.size / width;
			const dx = into ?? context.empty(x.shape);
			const blocks = [dy, x, weight, inverseRms, dx].map(context.block);
			runtime.dispatch(backward, blocks, groupsForRows(rows), [rows, width, into ? 1 : 0]);
			return dx;
		},
		rmsNormBackwardWeight: (dy, x, inverseRms, into) => {
			const rows = inverseRms.size;
			const width = into?.size ?? x.size / rows;
			const total = into ?? context.empty([width]);
			const blocks = [dy, x, inverseRms, total].map(context.block);
			const count = Math.ceil(width / columnsPerGroup);
			runtime.dispatch(backwardWeight, blocks, count, [rows, width, into ? 1 : 0]);
			return total;
		},
	};
};

export const createRotation = (context: Context): Pick<Ops, 'rotate'> => {
	const { runtime } = context;
	const kernel = context.kernel('rotate', rotateCode, 'wrr');
	return {
		rotate: (x, positions, inverseFrequency, direction) => {
			const half = inverseFrequency.size;
			const pairs = x.size / 2;
			const heads = widthOf(x) / (2 * half);
			const blocks = [x, positions, inverseFrequency].map(context.block);
			runtime.dispatch(kernel, blocks, groupsFor(pairs), [pairs, heads, half], [direction]);
		},
	};
};
