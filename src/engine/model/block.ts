/**
 * One decoder block: x + attention(norm(x)), then + mlp(norm(·)). Forward keeps what backward needs; backward
 * goes no deeper than the trainable parameters ask for, and hands over a parameter's gradient when it needs the parameter
 * no more: it may be updated there and then.
 */
import type { Gradients } from '../gradients.ts';
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import { project, projectBackward, trains } from './linear.ts';
import type { BlockParameters, LinearParameters, Parameter } from './weights.ts';

/** What a block needs to know besides its weights. */
export interface BlockContext {
	readonly epsilon: number;
	readonly inverseFrequency: Tensor;
	/** Position of every row, i32 [rows]. */
	readonly positions: Tensor;
	/** Where rows of a sequence do not all see each other: as `Ops.attention` takes them. */
	readonly segments?: Tensor;
	readonly attention: AttentionShape;
	/** Of this micro-batch; absent: nothing is dropped. */
	readonly dropoutSeed?: number;
	/** Where decoding keeps keys and values of earlier tokens; absent in training. */
	readonly cache?: { readonly keys: Tensor; readonly values: Tensor; readonly slots: Tensor };
}

interface NormState {
	readonly x: Tensor;
	readonly inverseRms: Tensor;
}

/** Activations of one block; `x` belongs to the caller, the rest to the block. */
export interface BlockActivations {
	readonly x: Tensor;
	readonly inputRms: Tensor;
	readonly normed: Tensor;
	/** q and k before their norms, where the family has those. */
	readonly queryNorm: NormState | null;
	readonly keyNorm: NormState | null;
	readonly q: Tensor;
	readonly k: Tensor;
	readonly v: Tensor;
	readonly attended: Tensor;
	readonly logSumExp: Tensor;
	/** The residual stream between attention and mlp. */
	readonly middle: Tensor;
	readonly middleRms: Tensor;
	readonly middleNormed: Tensor;
	readonly gate: Tensor;
	readonly up: Tensor;
	/** silu(gate) * up */
	readonly hidden: Tensor;
}

/** Normalises per head where the family does so, then rotates in place. */
function prepareHeads(ops: Ops, x: Tensor, norm: Parameter | null, context: BlockContext) {
	let state: NormState | null = null;
	let heads = x;
	if (norm !== null) {
		const { y, inverseRms } = ops.rmsNorm(x, norm.tensor, context.epsilon);
		state = { x, inverseRms };
		heads = y;
	}
	ops.rotate(heads, context.positions, context.inverseFrequency, 1);
	return { heads, state };
}

function attend(ops: Ops, q: Tensor, k: Tensor, v: Tensor, context: BlockContext) {
	const { cache, positions, segments, attention } = context;
	if (cache === undefined) return ops.attention(q, k, v, positions, attention, segments);
	ops.writeRows(cache.keys, cache.slots, k);
	ops.writeRows(cache.values, cache.slots, v);
	return ops.attention(q, cache.keys, cache.values, positions, attention);
}

/** Everything up to the last product. x [rows, hidden] stays untouched. */
export function blockActivations(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	context: BlockContext,
): BlockActivations {
	const { y: normed, inverseRms: inputRms } = ops.rmsNorm(
		x,
		block.inputNorm.tensor,
		context.epsilon,
	);
	const { dropoutSeed: seed } = context;
	const query = prepareHeads(
		ops,
		project(ops, normed, block.query, seed),
		block.queryNorm,
		context,
	);
	const key = prepareHeads(ops, project(ops, normed, block.key, seed), block.keyNorm, context);
	const v = project(ops, normed, block.value, seed);
	const { out: attended, logSumExp } = attend(ops, query.heads, key.heads, v, context);
	const middle = project(ops, attended, block.output, seed, x);
	const mlp = ops.rmsNorm(middle, block.attentionNorm.tensor, context.epsilon);
	const gate = project(ops, mlp.y, block.gate, seed);
	const up = project(ops, mlp.y, block.up, seed);
	const hidden = ops.swiglu(gate, up);
	return {
		x,
		inputRms,
		normed,
		queryNorm: query.state,
		keyNorm: key.state,
		q: query.heads,
		k: key.heads,
		v,
		attended,
		logSumExp,
		middle,
		middleRms: mlp.inverseRms,
		middleNormed: mlp.y,
		gate,
		up,
		hidden,
	};
}

/** The block's output [rows, hidden]. */
export function blockOutput(
	ops: Ops,
	block: BlockParameters,
	kept: BlockActivations,
	{ dropoutSeed }: BlockContext,
): Tensor {
	return project(ops, kept.hidden, block.down, dropoutSeed, kept.middle);
}

export function releaseActivations(ops: Ops, kept: BlockActivations): void {
	const { inputRms, normed, q, k, v, attended, logSumExp } = kept;
	ops.release(inputRms, normed, q, k, v, attended, logSumExp);
	for (const state of [kept.queryNorm, kept.keyNorm])
		if (state !== null) ops.release(state.x, state.inverseRms);
	const { middle, middleRms, middleNormed, gate, up, hidden } = kept;
	ops.release(middle, middleRms, middleNormed, gate, up, hidden);
}

/**
 * Gradient of the block input, made in place in `dy` (which is returned). Parameters' gradients go to `gradients`.
 * @param needInput whether anything below trains; if not, work stops at the lowest trainable parameter and the
 * returned tensor is meaningless
 */
export function blockBackward(
	ops: Ops,
	block: BlockParameters,
	kept: BlockActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const needAttention =
		needInput ||
		[block.inputNorm, block.queryNorm, block.keyNorm].some(gradients.wants) ||
		[block.query, block.key, block.value, block.output].some(trains(gradients));
	const needMlpInput = needAttention || gradients.wants(block.attentionNorm);
	mlpBackward(ops, block, kept, dy, context, gradients, needMlpInput);
	if (needAttention) attentionBackward(ops, block, kept, dy, context, gradients, needInput);
}

function mlpBackward(
	ops: Ops,
	block: BlockParameters,
	kept: BlockActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const { dropoutSeed: seed } = context;
	const { middle, middleRms, middleNormed, gate, up, hidden } = kept;
	const needHidden = needInput || [block.gate, block.up].some(trains(gradients));
	const dHidden = projectBackward(ops, block.down, dy, hidden, gradients, seed, needHidden);
	if (dHidden === null) return;
	ops.swigluBackwardInPlace(dHidden, gate, up);
	ops.release(dHidden);
	const dNormed = projectBackward(ops, block.gate, gate, middleNormed, gradients, seed, needInput);
	projectBackward(
		ops,
		block.up,
		up,
		middleNormed,
		gradients,
		seed,
		needInput,
		dNormed ?? undefined,
	);
	if (dNormed === null) return;
	ops.rmsNormBackward(dNormed, middle, block.attentionNorm.tensor, middleRms, dy);
	gradients.add(block.attentionNorm, (into) =>
		ops.rmsNormBackwardWeight(dNormed, middle, middleRms, into),
	);
	ops.release(dNormed);
}

/** Gradient through rotation and head norm; gives the tensor that belongs to the projection's output. */
function headsBackward(
	ops: Ops,
	dHeads: Tensor,
	norm: Parameter | null,
	state: NormState | null,
	context: BlockContext,
	gradients: Gradients,
): Tensor {
	ops.rotate(dHeads, context.positions, context.inverseFrequency, -1);
	if (norm === null || state === null) return dHeads;
	const dx = ops.rmsNormBackward(dHeads, state.x, norm.tensor, state.inverseRms);
	gradients.add(norm, (into) => ops.rmsNormBackwardWeight(dHeads, state.x, state.inverseRms, into));
	ops.release(dHeads);
	return dx;
}

function attentionBackward(
	ops: Ops,
	block: BlockParameters,
	kept: BlockActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const { dropoutSeed: seed } = context;
	const needHeads =
		needInput ||
		[block.inputNorm, block.queryNorm, block.keyNorm].some(gradients.wants) ||
		[block.query, block.key, block.value].some(trains(gradients));
	const dAttended = projectBackward(
		ops,
		block.output,
		dy,
		kept.attended,
		gradients,
		seed,
		needHeads,
	);
	if (dAttended === null) return;
	const { q, k, v, attended: out, logSumExp } = kept;
	const forward = { q, k, v, out, logSumExp };
	const { dq, dk, dv } = ops.attentionBackward(
		dAttended,
		forward,
		context.attention,
		context.segments,
	);
	ops.release(dAttended);
	const dQuery = headsBackward(ops, dq, block.queryNorm, kept.queryNorm, context, gradients);
	const dKey = headsBackward(ops, dk, block.keyNorm, kept.keyNorm, context, gradients);
	const needNormed = needInput || gradients.wants(block.inputNorm);
	const back = (layer: LinearParameters, dProjected: Tensor, into: Tensor | null) =>
		projectBackward(
			ops,
			layer,
			dProjected,
			kept.normed,
			gradients,
			seed,
			needNormed,
			into ?? undefined,
		);
	const dNormed = back(block.query, dQuery, null);
	back(block.key, dKey, dNormed);
	back(block.value, dv, dNormed);
	if (dNormed !== null) {
		if (needInput) ops.rmsNormBackward(dNormed, kept.x, block.inputNorm.tensor, kept.inputRms, dy);
		gradients.add(block.inputNorm, (into) =>
			ops.rmsNormBackwardWeight(dNormed, kept.x, kept.inputRms, into),
		);
		ops.release(dNormed);
	}
	ops.release(dQuery, dKey, dv);
}
