/**
 * One decoder block: x + attention(norm(x)), then + mlp(norm(·)), or as the family's recipe has it. Forward keeps what
 * backward needs; backward goes no deeper than the trainable parameters ask for, and hands over a parameter's gradient when
 * it needs the parameter no more: it may be updated there and then.
 */
import type { BlockRecipe } from '../../contract/model.ts';
import type { Gradients } from '../gradients.ts';
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import {
	attentionActivations,
	type AttentionActivations,
	attentionBackward,
	attentionTrains,
	releaseAttention,
} from './attention.ts';
import { mlpActivations, type MlpActivations, mlpBackward, mlpOutput, releaseMlp } from './mlp.ts';
import type { NormSettings } from './norm.ts';
import type { BlockParameters } from './weights.ts';

/** What a block needs to know besides its weights. */
export interface BlockContext extends NormSettings {
	readonly recipe: BlockRecipe;
	/** Null: the layer does not rotate. */
	readonly inverseFrequency: Tensor | null;
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

/** Activations of one block; `x` belongs to the caller, the rest to the block. */
export interface BlockActivations {
	readonly x: Tensor;
	readonly attention: AttentionActivations;
	readonly mlp: MlpActivations;
}

/** Everything up to the last product, or its norm. x [rows, hidden] stays untouched. */
export function blockActivations(
	ops: Ops,
	block: BlockParameters,
	x: Tensor,
	context: BlockContext,
): BlockActivations {
	const attention = attentionActivations(ops, block, x, context);
	return { x, attention, mlp: mlpActivations(ops, block, attention.y, context) };
}

/** The block's output [rows, hidden]. */
export const blockOutput = (
	ops: Ops,
	block: BlockParameters,
	{ attention, mlp }: BlockActivations,
	context: BlockContext,
): Tensor => mlpOutput(ops, block, mlp, attention.y, context);

export function releaseActivations(ops: Ops, { attention, mlp }: BlockActivations): void {
	releaseAttention(ops, attention);
	releaseMlp(ops, mlp);
}

/**
 * Gradient of the block input, made in place in `dy` (which is returned). Parameters' gradients go to `gradients`.
 * @param needInput whether anything below trains; if not, work stops at the lowest trainable parameter and the
 * returned tensor is meaningless
 */
export function blockBackward(
	ops: Ops,
	block: BlockParameters,
	{ x, attention, mlp }: BlockActivations,
	dy: Tensor,
	context: BlockContext,
	gradients: Gradients,
	needInput: boolean,
): void {
	const needAttention = needInput || attentionTrains(block, gradients);
	const needMlpInput = needAttention || gradients.wants(block.beforeMlp);
	mlpBackward(ops, block, attention.y, mlp, dy, context, gradients, needMlpInput);
	if (needAttention) attentionBackward(ops, block, x, attention, dy, context, gradients, needInput);
}
