/** Attention of a block: projections, norms of q and k, rotation, scores, and the product that leads back to the stream. */
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { BlockContext } from './block.ts';
import { enter, enterBackward, type Entry, join, joinBackward, releaseEntry } from './branch.ts';
import { project, projectBackward, trains } from './linear.ts';
import { normBackward, normForward, type NormState } from './norm.ts';
import type { BlockParameters, LinearParameters, Parameter } from './weights.ts';

export interface AttentionActivations {
	readonly entry: Entry;
	/** q and k before their norms, where the family has those. */
	readonly queryNorm: NormState | null;
	readonly keyNorm: NormState | null;
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
	readonly attended: Tensor;
	readonly logSumExp: Tensor;
	/** The last product before its norm, where the family has one. */
	readonly after: NormState | null;
	/** The stream behind attention. */
	readonly y: Tensor;
}

/** What scores are multiplied by beside headDim^-0.5, which the kernels do. */
const queryScale = ({ recipe, attention }: BlockContext): number =>
	recipe.scales.attention === null ? 1 : recipe.scales.attention * Math.sqrt(attention.headDim);

/** Normalises where the family does so, then rotates in place. */
function prepareHeads(ops: Ops, x: Tensor, norm: Parameter | null, context: BlockContext) {
	let state: NormState | null = null;
	let heads = x;
	if (norm !== null) {
		const { y, inverseRms } = normForward(ops, x, norm, context);
		state = { x, inverseRms };
		heads = y;
	}
	const { positions, inverseFrequency } = context;
	if (inverseFrequency) ops.rotate(heads, positions, inverseFrequency, 1);
	return { heads, state };
}

function attend(ops: Ops, q: Tensor, k: Tensor, v: Tensor, context: BlockContext) {
	const { cache, positions, segments, attention } = context;
	if (cache === undefined) return ops.attention(q, k, v, positions, attention, segments);
	ops.writeRows(cache.keys, cache.slots, k);
	ops.writeRows(cache.values, cache.slots, v);
	return ops.attention(q, cache.keys, cache.values, positions, attention);
}

/** x [rows, hidden] stays untouched. */
export function attentionActivations(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	context: BlockContext,
): AttentionActivations {
	const { dropoutSeed: seed } = context;
	const entry = enter(ops, x, block.beforeAttention, context);
	const { normed } = entry;
	const projected = (layer: LinearParameters) => project(ops, normed, layer, seed);
	const query = prepareHeads(ops, projected(block.query), block.queryNorm, context);
	const scale = queryScale(context);
	if (scale !== 1) ops.scaleInPlace(query.heads, scale);
	const key = prepareHeads(ops, projected(block.key), block.keyNorm, context);
	const v = projected(block.value);
	const { out: attended, logSumExp } = attend(ops, query.heads, key.heads, v, context);
	const { y, after } = join(ops, attended, block.output, block.afterAttention, x, context);
	return {
		...{ entry, queryNorm: query.state, keyNorm: key.state, q: query.heads, k: key.heads, v },
		...{ attended, logSumExp, after, y },
	};
}

export function releaseAttention(ops: Ops, kept: AttentionActivations): void {
	const { entry, q, k, v, attended, logSumExp, y } = kept;
	releaseEntry(ops, entry);
	ops.release(q, k, v, attended, logSumExp, y);
	for (const state of [kept.queryNorm, kept.keyNorm, kept.after])
		if (state !== null) ops.release(state.x, state.inverseRms);
}

/** Whether anything before the scores trains. */
const headsTrain = (block: BlockParameters, gradients: Gradients): boolean =>
	[block.beforeAttention, block.queryNorm, block.keyNorm].some(gradients.wants) ||
	[block.query, block.key, block.value].some(trains(gradients));

export const attentionTrains = (block: BlockParameters, gradients: Gradients): boolean =>
	headsTrain(block, gradients) ||
	gradients.wants(block.afterAttention) ||
	trains(gradients)(block.output);

/** Gradient through scale, rotation and norm; gives the tensor that belongs to the projection's output. */
function headsBackward(
	ops: Ops,
	dHeads: Tensor,
	norm: Parameter | null,
	state: NormState | null,
	context: BlockContext,
	gradients: Gradients,
): Tensor {
	const { positions, inverseFrequency } = context;
	if (inverseFrequency) ops.rotate(dHeads, positions, inverseFrequency, -1);
	if (norm === null || state === null) return dHeads;
	const dx = normBackward(ops, dHeads, norm, state, context, gradients);
	ops.release(dHeads);
	return dx;
}

/** Adds the gradient of the attention's input x to dy where `needInput` is set. */
export function attentionBackward(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	kept: AttentionActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const { dropoutSeed: seed } = context;
	const needHeads = needInput || headsTrain(block, gradients);
	const dOut = joinBackward(ops, dy, block.afterAttention, kept.after, context, gradients);
	const dAttended = projectBackward(
		...([ops, block.output, dOut, kept.attended, gradients, seed, needHeads] as const),
	);
	if (dOut !== dy) ops.release(dOut);
	if (dAttended === null) return;
	const { dq, dk, dv } = scoresBackward(ops, dAttended, kept, context);
	const dQuery = headsBackward(ops, dq, block.queryNorm, kept.queryNorm, context, gradients);
	const dKey = headsBackward(ops, dk, block.keyNorm, kept.keyNorm, context, gradients);
	const needNormed = needInput || gradients.wants(block.beforeAttention);
	const { normed } = kept.entry;
	const back = (layer: LinearParameters, d: Tensor, into?: Tensor | null) =>
		projectBackward(ops, layer, d, normed, gradients, seed, needNormed, into ?? undefined);
	const dNormed = back(block.query, dQuery);
	back(block.key, dKey, dNormed);
	back(block.value, dv, dNormed);
	ops.release(dQuery, dKey, dv);
	if (dNormed === null) return;
	const dx = needInput ? dy : null;
	enterBackward(ops, dNormed, x, block.beforeAttention, kept.entry, dx, context, gradients);
}

/** Gradients of q, as it was before its scale, k and v; takes dAttended over. */
function scoresBackward(
	ops: Ops,
	dAttended: Tensor,
	kept: AttentionActivations,
	context: BlockContext,
) {
	const { q, k, v, attended: out, logSumExp } = kept;
	const { attention, segments } = context;
	const d = ops.attentionBackward(dAttended, { q, k, v, out, logSumExp }, attention, segments);
	ops.release(dAttended);
	const scale = queryScale(context);
	if (scale !== 1) ops.scaleInPlace(d.dq, scale);
	return d;
}
