// Attention: picks and compiles the kernels for a head size, one set per size seen.
import type { AttentionShape, Ops } from '../ops.ts';
import params from '../kernels/attention/params.wgsl?raw';
import regsBackwardKeyValue from '../kernels/attention/regsBackwardKeyValue.wgsl?raw';
import regsBackwardQuery from '../kernels/attention/regsBackwardQuery.wgsl?raw';
import regsForward from '../kernels/attention/regsForward.wgsl?raw';
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
	readonly backwardQuery: Kernel;
	readonly backwardKeyValue: Kernel;
	/** Workgroups for `length` queries (or keys) of each of `heads` heads of `batch` sequences. */
	groups(batch: number, heads: number, length: number): number;
}

const backwardAccess = { query: 'rrrrrrww', keyValue: 'rrrrrrww' };
const forwardAccess = 'rrrrww';

const regsSet = (headDim: number): KernelSet => {
	const vector = headDim % 4 === 0;
	const constants = { CHUNKS: `${vector ? headDim / 4 : headDim}u` };
	const code = (text: string) => params + (vector ? value4 : value1) + specialise(text, constants);
	const label = (name: string) => `attention ${name} regs ${headDim}`;
	return {
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
	const sizes = ({ batch, queries, keys, heads, keyValueHeads, window }: AttentionShape) => [
		batch,
		queries,
		keys,
		heads,
		keyValueHeads,
		window ?? 0,
	];
	return {
		attention: (q, k, v, positions, shape) => {
			const { batch, heads, queries, headDim } = shape;
			const set = setFor(headDim);
			const out = context.empty(q.shape);
			const logSumExp = context.empty([batch * queries, heads]);
			const blocks = [q, k, v, positions, out, logSumExp].map(context.block);
			const count = set.groups(batch, heads, queries);
			runtime.dispatch(set.forward, blocks, count, sizes(shape), [headDim ** -0.5]);
			return { out, logSumExp };
		},
		attentionBackward: (dOut, { q, k, v, out, logSumExp }, shape) => {
			const { batch, heads, keyValueHeads, queries, keys, headDim } = shape;
			const set = setFor(headDim);
			const scale = [headDim ** -0.5];
			const dq = context.empty(q.shape);
			const rowDot = context.empty([batch * queries, heads]);
			const forQuery = [q, k, v, dOut, out, logSumExp, dq, rowDot].map(context.block);
			const queryGroups = set.groups(batch, heads, queries);
			runtime.dispatch(set.backwardQuery, forQuery, queryGroups, sizes(shape), scale);
			const dk = context.empty(k.shape);
			const dv = context.empty(v.shape);
			const forKeys = [q, k, v, dOut, logSumExp, rowDot, dk, dv].map(context.block);
			const keyGroups = set.groups(batch, keyValueHeads, keys);
			runtime.dispatch(set.backwardKeyValue, forKeys, keyGroups, sizes(shape), scale);
			context.arena.release(rowDot);
			return { dq, dk, dv };
		},
	};
};
