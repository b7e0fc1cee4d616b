/** How a branch of a block joins the residual stream: its last product, normed where the family does so, scaled, added. */
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { BlockContext } from './block.ts';
import { project } from './linear.ts';
import { normBackward, normForward, type NormState, normWeightBackward } from './norm.ts';
import type { LinearParameters, Parameter } from './weights.ts';

/** residual + scale * norm(W x). `after`: where there is a norm, W x and its root mean square. */
export function join(
	ops: Ops,
	x: Tensor,
	layer: LinearParameters,
	norm: Parameter | null,
	residual: Tensor,
	context: BlockContext,
): { y: Tensor; after: NormState | null } {
	const { dropoutSeed: seed } = context;
	if (norm === null && context.recipe.scales.residual === 1)
		return { y: project(ops, x, layer, seed, residual), after: null };
	return joinOut(ops, project(ops, x, layer, seed), norm, residual, context);
}

/** The same of W x that is there; without a norm the result takes its place. */
export function joinOut(
	ops: Ops,
	out: Tensor,
	norm: Parameter | null,
	residual: Tensor,
	context: BlockContext,
): { y: Tensor; after: NormState | null } {
	const normed = norm && normForward(ops, out, norm, context);
	const y = normed?.y ?? out;
	const factor = context.recipe.scales.residual;
	if (factor !== 1) ops.scaleInPlace(y, factor);
	ops.add(y, residual);
	return { y, after: normed && { x: out, inverseRms: normed.inverseRms } };
}

/**
 * Gradient of W x for dy [rows, hidden], which stays: dy itself where nothing stands between, else a tensor of its own. The
 * norm's gradient goes to `gradients`.
 */
export function joinBackward(
	ops: Ops,
	dy: Tensor,
	norm: Parameter | null,
	after: NormState | null,
	context: BlockContext,
	gradients: Gradients,
): Tensor {
	const factor = context.recipe.scales.residual;
	const scaled = factor === 1 ? dy : ops.copy(dy);
	if (scaled !== dy) ops.scaleInPlace(scaled, factor);
	if (norm === null || after === null) return scaled;
	const dx = normBackward(ops, scaled, norm, after, context, gradients);
	if (scaled !== dy) ops.release(scaled);
	return dx;
}

/** Normed where the family does so; else x itself. */
export interface Entry {
	readonly normed: Tensor;
	readonly inverseRms: Tensor | null;
}

export function enter(ops: Ops, x: Tensor, norm: Parameter | null, context: BlockContext): Entry {
	if (norm === null) return { normed: x, inverseRms: null };
	const { y, inverseRms } = normForward(ops, x, norm, context);
	return { normed: y, inverseRms };
}

export function releaseEntry(ops: Ops, { normed, inverseRms }: Entry): void {
	if (inverseRms !== null) ops.release(normed, inverseRms);
}

/** Adds the gradient of x to dx, null where nothing below needs it; the norm's goes to `gradients`. Takes dNormed over. */
export function enterBackward(
	ops: Ops,
	dNormed: Tensor,
	x: Tensor,
	norm: Parameter | null,
	{ inverseRms }: Entry,
	dx: Tensor | null,
	context: BlockContext,
	gradients: Gradients,
): void {
	if (norm !== null && inverseRms !== null) {
		const state = { x, inverseRms };
		if (dx !== null) normBackward(ops, dNormed, norm, state, context, gradients, dx);
		else normWeightBackward(ops, dNormed, norm, state, gradients);
	} else if (dx !== null) ops.add(dx, dNormed);
	ops.release(dNormed);
}
