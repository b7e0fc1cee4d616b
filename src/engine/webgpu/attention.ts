// Attention: picks and compiles the kernels for a head size, one set per size seen.
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import params from '../kernels/attention/params.wgsl?raw';
import regsBackwardKeyValue from '../kernels/attention/regsBackwardKeyValue.wgsl?raw';
import regsBackwardQuery from '../kernels/attention/regsBackwardQuery.wgsl?raw';
import regsForward from '../kernels/attention/regsForward.wgsl?raw';
import statisticsCode from '../kernels/attention/statistics.wgsl?raw';
import tiledBackwardKeyValue from '../kernels/attention/tiledBackwardKeyValue.wgsl?raw';
import tiledBackwardQuery from '../kernels/attention/tiledBackwardQuery.wgsl?raw';
import tiledForward from '../kernels/attention/tiledForward.wgsl?raw';
import value1 from '../kernels/attention/value1.wgsl?raw';
import value4 from '../kernels/attention/value4.wgsl?raw';
import type { Context } from './context.ts';
import { groupsFor, threads } from './context.ts';
import type { Kernel } from './runtime.ts';
import { defineKernel, specialise } from './runtime.ts';

interface KernelSet {
	readonly forward: Kernel;
	readonly statistics: Kernel;
	readonly backwardQuery: Kernel;
	readonly backwardKeyValue: Kernel;
	/** Workgroups for `length` queries (or keys) of each of `heads` heads of `batch` sequences. */
	groups(batch: number, heads: number, length: number): number;
}

const backwardAccess = { query: 'rrrrrrw', keyValue: 'rrrrrrww' };
const forwardAccess = 'rrrrrww';

const statisticsKernel = (headDim: number): Kernel => {
	const { value, chunks } = values(headDim);
	const code = value + specialise(statisticsCode, { CHUNKS: `${chunks}u` });
	return defineKernel(`attention statistics ${headDim}`, code, 'rrrw');
};

/** How heads are read one vec4 or, where they do not divide into those, one number at a time. */
const values = (headDim: number) =>
	headDim % 4 === 0 ? { value: value4, chunks: headDim / 4 } : { value: value1, chunks: headDim };

const regsSet = (headDim: number): KernelSet => {
	const { value, chunks } = values(headDim);
	const code = (text: string) => params + value + specialise(text, { CHUNKS: `${chunks}u` });
	const label = (name: string) => `attention ${name} regs ${headDim}`;
	return {
		statistics: statisticsKernel(headDim),
		forward: defineKernel(label('forward'), code(regsForward), forwardAccess),
		backwardQuery: defineKernel(
			label('backward query'),
			code(regsBackwardQuery),
			backwardAccess.query,
		),
		backwardKeyValue: defineKernel(
			label('backward key value'),
			code(regsBackwardKeyValue),
			backwardAccess.keyValue,
		),
		groups: (batch, heads, length) => groupsFor(batch * heads * length),
	};
};

const tiledSet = (headDim: number): KernelSet => {
	const parts = headDim / 16;
	const code = (text: string) => params + specialise(text, { PARTS: `${parts}u` });
	const label = (name: string) => `attention ${name} tiled ${headDim}`;
	const rows = Math.floor(threads / parts);
	return {
		statistics: statisticsKernel(headDim),
		forward: defineKernel(label('forward'), code(tiledForward), forwardAccess),
		backwardQuery: defineKernel(
			label('backward query'),
			code(tiledBackwardQuery),
			backwardAccess.query,
		),
		backwardKeyValue: defineKernel(
			label('backward key value'),
			code(tiledBackwardKeyValue),
			backwardAccess.keyValue,
		),
		groups: (batch, heads, length) => batch * heads * Math.ceil(length / rows),
	};
};

export const createAttention = (context: Context): Pick<Ops, 'attention' | 'attentionBackward'> => {
	const { runtime, variant } = context;
	const sets = new Map<number, KernelSet>();
	const setFor = (headDim: number) => {
		const known = sets.get(headDim);
		if (known) return known;
		const tileable = variant === 'tiled' && headDim % 16 === 0 && headDim <= 256;
		const set = tileable ? tiledSet(headDim) : regsSet(headDim);
		sets.set(headDim, set);
		return set;
	};
	const sizes = (
		{ batch, queries, keys, heads, keyValueHeads, window }: AttentionShape,
		segments: Tensor | undefined,
	) => [batch, queries, keys, heads, keyValueHeads, window ?? 0, segments ? 1 : 0];
	return {
		attention: (q, k, v, positions, shape, segments) => {
			const { batch, heads, queries, headDim } = shape;
			const set = setFor(headDim);
			const out = context.empty(q.shape);
			const logSumExp = context.empty([batch * queries, heads]);
			// Where there are no segments any tensor stands in for them.
			const inputs = [q, k, v, positions, segments ?? positions];
			const blocks = [...inputs, out, logSumExp].map(context.block);
			const count = set.groups(batch, heads, queries);
			runtime.dispatch(set.forward, blocks, count, sizes(shape, segments), [headDim ** -0.5]);
			return { out, logSumExp };
		},
		attentionBackward: (dOut, { q, k, v, out, logSumExp }, shape, segments) => {
			const { batch, heads, keyValueHeads, queries, keys, headDim } = shape;
			const set = setFor(headDim);
			const scale = [headDim ** -0.5];
			const statistics = context.empty([batch * queries, heads, 2]);
			const forStatistics = [dOut, out, logSumExp, statistics].map(context.block);
			runtime.dispatch(set.statistics, forStatistics, groupsFor(logSumExp.size), [logSumExp.size]);
			const dq = context.empty(q.shape);
			const inputs = [q, k, v, dOut, statistics, segments ?? logSumExp];
			const forQuery = [...inputs, dq].map(context.block);
			const queryGroups = set.groups(batch, heads, queries);
			runtime.dispatch(set.backwardQuery, forQuery, queryGroups, sizes(shape, segments), scale);
			const dk = context.empty(k.shape);
			const dv = context.empty(v.shape);
			const forKeys = [...inputs, dk, dv].map(context.block);
			const keyGroups = set.groups(batch, keyValueHeads, keys);
			runtime.dispatch(set.backwardKeyValue, forKeys, keyGroups, sizes(shape, segments), scale);
			context.arena.release(statistics);
			return { dq, dk, dv };
		},
	};
};
