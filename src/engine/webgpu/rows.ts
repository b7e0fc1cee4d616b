// Operations on whole rows: embedding lookup and its gradient, cache writes, argmax, addition, dropout.
import type { Ops } from '../ops.ts';
import addCode from '../kernels/add/add.wgsl?raw';
import scaleCode from '../kernels/scale/scale.wgsl?raw';
import dropoutCode from '../kernels/dropout/dropout.wgsl?raw';
import randomBits from '../kernels/shared/randomBits.wgsl?raw';
import argmaxCode from '../kernels/argmaxRows/argmaxRows.wgsl?raw';
import gatherCode from '../kernels/rows/gatherRows.wgsl?raw';
import linkCode from '../kernels/rows/linkRows.wgsl?raw';
import scatterCode from '../kernels/rows/scatterAddRows.wgsl?raw';
import writeCode from '../kernels/rows/writeRows.wgsl?raw';
import { dropoutParameters } from '../kernels/dropout/parameters.ts';
import type { Context } from './context.ts';
import { byFormat, formatOf, weightCode } from './weights.ts';
import { groupsFor, quadsOf, rowsOf, widthOf } from './context.ts';

type Rows = Pick<
	Ops,
	'gatherRows' | 'scatterAddRows' | 'writeRows' | 'argmaxRows' | 'add' | 'scaleInPlace' | 'dropout'
>;

const createGather = (context: Context): Ops['gatherRows'] => {
	const { runtime, arena } = context;
	const kernels = byFormat((format) => {
		const code = weightCode[format].element + gatherCode;
		return context.kernel(`gatherRows ${format}`, code, 'rrw', format !== 'f32');
	});
	return (table, indices) => {
		const width = widthOf(table);
		const out = context.empty([...indices.shape, width]);
		let first = 0;
		for (const window of arena.windows(table)) {
			const blocks = [indices, window, out].map(context.block);
			const sizes = [out.size, width, first, rowsOf(window)];
			runtime.dispatch(kernels[formatOf(table)], blocks, groupsFor(out.size), sizes);
			first += rowsOf(window);
		}
		return out;
	};
};

export const createRows = (context: Context): Rows => {
	const { runtime, arena } = context;
	const dropoutKernel = context.kernel('dropout', randomBits + dropoutCode, 'rw');
	const addKernel = context.kernel('add', addCode, 'wr');
	const scaleKernel = context.kernel('scale', scaleCode, 'w', true);
	const argmaxKernel = context.kernel('argmaxRows', argmaxCode, 'rw');
	const linkKernel = context.kernel('linkRows', linkCode, 'rw');
	const scatterKernel = context.kernel('scatterAddRows', scatterCode, 'wrrr');
	const writeKernel = context.kernel('writeRows', writeCode, 'wrr');
	return {
		gatherRows: createGather(context),
		scatterAddRows: (target, indices, dy) => {
			const rows = indices.size;
			const links = arena.allocate([rows, 2], 'i32');
			const index = context.block(indices);
			const chain = context.block(links);
			runtime.dispatch(linkKernel, [index, chain], groupsFor(rows), [rows]);
			const width = widthOf(target);
			let first = 0;
			for (const window of arena.windows(target)) {
				const blocks = [context.block(window), index, context.block(dy), chain];
				const sizes = [dy.size, width, rows, first, rowsOf(window)];
				runtime.dispatch(scatterKernel, blocks, groupsFor(dy.size), sizes);
				first += rowsOf(window);
			}
			arena.release(links);
		},
		writeRows: (target, indices, rows) => {
			const blocks = [context.block(target), context.block(indices), context.block(rows)];
			runtime.dispatch(writeKernel, blocks, groupsFor(rows.size), [rows.size, widthOf(target)]);
		},
		argmaxRows: (x) => {
			const rows = rowsOf(x);
			const out = arena.allocate([rows], 'i32');
			const blocks = [context.block(x), context.block(out)];
			runtime.dispatch(argmaxKernel, blocks, rows, [rows, widthOf(x)]);
			return out;
		},
		dropout: (x, rate, seed, into) => {
			const { key, threshold, factor } = dropoutParameters(rate, seed);
			const out = into ?? context.empty(x.shape);
			const quads = quadsOf(x);
			const blocks = [context.block(x), context.block(out)];
			const integers = [quads, key, threshold, into ? 1 : 0];
			runtime.dispatch(dropoutKernel, blocks, groupsFor(quads), integers, [factor]);
			return out;
		},
		scaleInPlace: (x, factor) => {
			const quads = quadsOf(x);
			runtime.dispatch(scaleKernel, [context.block(x)], groupsFor(quads), [quads], [factor]);
		},
		add: (target, x) => {
			const quads = quadsOf(target);
			const blocks = [context.block(target), context.block(x)];
			runtime.dispatch(addKernel, blocks, groupsFor(quads), [quads]);
		},
	};
};
