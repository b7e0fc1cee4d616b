/** The mlp of a block: down(act(gate x) * up x), or down(act(up x)) where the family has no gate. */
import type { XieluCurve } from '../activationOps.ts';
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { BlockContext } from './block.ts';
import {
	enter,
	enterBackward,
	type Entry,
	join,
	joinBackward,
	joinOut,
	releaseEntry,
} from './branch.ts';
import { project, projectBackward, trains } from './linear.ts';
import { normForward } from './norm.ts';
import type { BlockParameters, Curve } from './weights.ts';

export interface MlpActivations {
	readonly entry: Entry;
	readonly gate: Tensor | null;
	readonly up: Tensor;
	/** What the last product takes. */
	readonly hidden: Tensor;
	/** The last product, kept where it is normed. */
	readonly out: Tensor | null;
}

const curveOf = ({ alphaP, alphaN, beta, epsilon }: Curve): XieluCurve => ({
	...{ alphaP: alphaP.tensor, alphaN: alphaN.tensor, beta, epsilon },
});

/** Everything up to the norm of the last product, or up to the product where there is none. x [rows, hidden] stays. */
export function mlpActivations(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	context: BlockContext,
): MlpActivations {
	const { dropoutSeed: seed } = context;
	const entry = enter(ops, x, block.beforeMlp, context);
	const gate = block.gate && project(ops, entry.normed, block.gate, seed);
	const up = project(ops, entry.normed, block.up, seed);
	const hidden = activate(ops, block, gate, up, context);
	const out = block.afterMlp && project(ops, hidden, block.down, seed);
	return { entry, gate, up, hidden, out };
}

function activate(
	ops: Ops,
	{ curve }: BlockParameters,
	gate: Tensor | null,
	up: Tensor,
	{ recipe }: BlockContext,
): Tensor {
	if (curve) return ops.xielu(up, curveOf(curve));
	return recipe.mlp === 'geglu' ? ops.geglu(gate!, up) : ops.swiglu(gate!, up);
}

/** The block's output [rows, hidden]. */
export function mlpOutput(
	ops: Ops,
	block: BlockParameters,
	kept: MlpActivations,
	residual: Tensor,
	context: BlockContext,
): Tensor {
	if (kept.out === null) return join(ops, kept.hidden, block.down, null, residual, context).y;
	const { y, after } = joinOut(ops, kept.out, block.afterMlp, residual, context);
	if (after) ops.release(after.inverseRms);
	return y;
}

export function releaseMlp(ops: Ops, { entry, gate, up, hidden, out }: MlpActivations): void {
	releaseEntry(ops, entry);
	ops.release(up, hidden, ...(gate ? [gate] : []), ...(out ? [out] : []));
}

/** Adds the gradient of the mlp's input x to dy where `needInput` is set. */
export function mlpBackward(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	kept: MlpActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const { dropoutSeed: seed } = context;
	const { normed } = kept.entry;
	const dOut = outBackward(ops, block, kept, dy, context, gradients);
	const needHidden = needInput || needsHidden(block, gradients);
	const dHidden = projectBackward(ops, block.down, dOut, kept.hidden, gradients, seed, needHidden);
	if (dOut !== dy) ops.release(dOut);
	if (dHidden === null) return;
	const dUp = activateBackward(ops, block, kept, dHidden, context, gradients);
	const dNormed =
		block.gate && projectBackward(ops, block.gate, kept.gate!, normed, gradients, seed, needInput);
	const into = dNormed ?? undefined;
	const dx = projectBackward(ops, block.up, dUp, normed, gradients, seed, needInput, into);
	if (dUp === dHidden) ops.release(dHidden);
	if (dx !== null) enterBackward(ops, dx, x, block.beforeMlp, kept.entry, dy, context, gradients);
}

const needsHidden = ({ gate, up, curve }: BlockParameters, gradients: Gradients): boolean =>
	[...(gate ? [gate] : []), up].some(trains(gradients)) ||
	[curve?.alphaP ?? null, curve?.alphaN ?? null].some(gradients.wants);

/** Gradient of the last product. */
function outBackward(
	ops: Ops,
	{ afterMlp }: BlockParameters,
	{ out }: MlpActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
): Tensor {
	if (afterMlp === null || out === null)
		return joinBackward(ops, dy, null, null, context, gradients);
	const { y, inverseRms } = normForward(ops, out, afterMlp, context);
	ops.release(y);
	const d = joinBackward(ops, dy, afterMlp, { x: out, inverseRms }, context, gradients);
	ops.release(inverseRms);
	return d;
}

/** Gradient of `up`, and in `kept.gate` of the gate: in the place of what was kept, or in that of dHidden, else released. */
function activateBackward(
	ops: Ops,
	{ curve }: BlockParameters,
	{ gate, up }: MlpActivations,
	dHidden: Tensor,
	{ recipe }: BlockContext,
	gradients: Gradients,
): Tensor {
	if (curve === null) {
		if (recipe.mlp === 'geglu') ops.gegluBackwardInPlace(dHidden, gate!, up);
		else ops.swigluBackwardInPlace(dHidden, gate!, up);
		ops.release(dHidden);
		return up;
	}
	const { alphaP, alphaN } = curve;
	const tensors = curveOf(curve);
	const sums = [alphaP, alphaN].some(gradients.wants)
		? ops.xieluBackwardAlphas(dHidden, up, tensors)
		: null;
	ops.xieluBackwardInPlace(dHidden, up, tensors);
	if (sums) {
		gradients.add(alphaP, (sum) => ops.sumRows(sums.alphaP, sum));
		gradients.add(alphaN, (sum) => ops.sumRows(sums.alphaN, sum));
		ops.release(sums.alphaP, sums.alphaN);
	}
	return dHidden;
}
