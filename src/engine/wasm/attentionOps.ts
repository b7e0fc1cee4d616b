/** Attention: work is split by sequence, key/value head and chunk of queries. */
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import type { Device } from './device.ts';
import { edgeBytes } from './linearOps.ts';
import { task } from './tasks.ts';

/** Must equal BLOCK of assembly/attention.ts. */
const queryBlock = 48;
/** Queries of one item: keys and values are packed once per chunk, so a chunk holds several blocks. */
const queryChunk = 4 * queryBlock;

const roundUp = (value: number): number => Math.ceil(value / 8) * 8;

/** Scratch bytes of one thread; the layout is that of the kernels. */
function scratchBytes(keys: number, width: number, backward: boolean): number {
	const left = Math.max(queryBlock * Math.max(keys, width), (keys + 6) * queryBlock);
	const scores = queryBlock * roundUp(keys);
	const across = roundUp(keys) * width;
	const down = roundUp(width) * keys;
	const floats = backward
		? left + 2 * scores + 2 * across + down + roundUp(width) * queryBlock
		: left + scores + across + down;
	return edgeBytes + floats * 4;
}

function checkShape(q: Tensor, k: Tensor, shape: AttentionShape): void {
	const { batch, queries, keys, heads, keyValueHeads, headDim } = shape;
	const fits =
		q.size === batch * queries * heads * headDim &&
		k.size === batch * keys * keyValueHeads * headDim &&
		heads % keyValueHeads === 0;
	if (!fits) {
		throw new Error(
			`Attention: q [${q.shape.join(', ')}] or k [${k.shape.join(', ')}] does not fit ` +
				`${JSON.stringify(shape)}.`,
		);
	}
}

export function attentionOps(device: Device): Pick<Ops, 'attention' | 'attentionBackward'> {
	const { address, launch } = device;
	return {
		attention(q, k, v, positions, shape, segments) {
			checkShape(q, k, shape);
			const { batch, queries, keys, heads, keyValueHeads, headDim, window } = shape;
			const out = device.tensor(q.shape, 'f32');
			const logSumExp = device.tensor([batch * queries, heads], 'f32');
			const chunks = Math.ceil(queries / queryChunk);
			const work = batch * queries * keys * heads * headDim;
			const own = device.threadScratch(scratchBytes(keys, headDim, false));
			launch(task.attention, batch * chunks * keyValueHeads, work, [
				...[address(q), address(k), address(v), address(positions)],
				...[address(out), address(logSumExp), queries, keys, heads, keyValueHeads, headDim],
				...[window ?? 0, { float: headDim ** -0.5 }, ...own, chunks, queryChunk],
				segments ? address(segments) : 0,
			]);
			return { out, logSumExp };
		},
		attentionBackward(dOut, forward, shape, segments) {
			const { q, k, v, out, logSumExp } = forward;
			checkShape(q, k, shape);
			const { batch, queries, heads, keyValueHeads, headDim, window } = shape;
			const dq = device.tensor(q.shape, 'f32');
			const dk = device.tensor(k.shape, 'f32');
			const dv = device.tensor(v.shape, 'f32');
			const work = batch * queries * queries * heads * headDim;
			const own = device.threadScratch(scratchBytes(queries, headDim, true));
			launch(task.attentionBackward, batch * keyValueHeads, work, [
				...[address(dOut), address(q), address(k), address(v), address(out), address(logSumExp)],
				...[address(dq), address(dk), address(dv), queries, heads, keyValueHeads, headDim],
				...[window ?? 0, { float: headDim ** -0.5 }, ...own],
				segments ? address(segments) : 0,
			]);
			return { dq, dk, dv };
		},
	};
}
