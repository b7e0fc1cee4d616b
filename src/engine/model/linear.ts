/** A linear layer of a block, with its adapter where it has one: forward and backward. */
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import { randomBits } from '../random.ts';
import type { Adapter, LinearParameters } from './weights.ts';

/** Of a micro-batch in training; undefined: nothing is dropped. */
export type DropoutSeed = number | undefined;

/** x [rows, in] -> W x + b + scale · B A dropout(x) (+ residual) [rows, out]. */
export function project(
	ops: Ops,
	x: Tensor,
	{ weight, bias, adapter }: LinearParameters,
	seed: DropoutSeed,
	residual: Tensor | null = null,
): Tensor {
	const base = ops.linear(x, weight.tensor, { bias: bias?.tensor ?? null, residual });
	if (adapter === null) return base;
	const input = dropped(ops, x, adapter, seed);
	const reduced = reduce(ops, input, adapter);
	const y = ops.linear(reduced, adapter.b.tensor, { residual: base });
	ops.release(base, reduced);
	if (input !== x) ops.release(input);
	return y;
}

/** Whether any tensor of the layer trains. */
export const trains =
	(gradients: Gradients) =>
	({ weight, bias, adapter }: LinearParameters): boolean =>
		[weight, bias, adapter?.a ?? null, adapter?.b ?? null].some(gradients.wants);

/**
 * Adds the gradients of the layer's trainable tensors, for dy [rows, out] at input x [rows, in].
 * @returns dx [rows, in] where `needInput` is set, added to `into` where given; else null
 */
export function projectBackward(
	ops: Ops,
	layer: LinearParameters,
	dy: Tensor,
	x: Tensor,
	gradients: Gradients,
	seed: DropoutSeed,
	needInput: boolean,
	into?: Tensor,
): Tensor | null {
	const { weight, bias, adapter } = layer;
	// dX before dW: weights may be updated as soon as their gradient is there.
	const dx = needInput ? ops.linearBackwardInput(dy, weight.tensor, into) : null;
	if (adapter !== null) adapterBackward(ops, adapter, dy, x, gradients, seed, dx);
	gradients.addProduct(weight, dy, x);
	gradients.add(bias, (sum) => ops.sumRows(dy, sum));
	return dx;
}

/** Adds to the gradients of A and B and to `dx`. dropout(x) and A x are made again: that is cheaper than their memory. */
function adapterBackward(
	ops: Ops,
	adapter: Adapter,
	dy: Tensor,
	x: Tensor,
	gradients: Gradients,
	seed: DropoutSeed,
	dx: Tensor | null,
): void {
	const { a, b, scaling } = adapter;
	const input = [a, b].some(gradients.wants) ? dropped(ops, x, adapter, seed) : x;
	// What needs A and B before what may update them.
	const needReduced = dx !== null || gradients.wants(a);
	const dReduced = needReduced ? scaled(ops, ops.linearBackwardInput(dy, b.tensor), scaling) : null;
	if (dx !== null && dReduced !== null) addInputGradient(ops, adapter, dReduced, seed, dx);
	if (gradients.wants(b)) {
		const reduced = reduce(ops, input, adapter);
		gradients.addProduct(b, dy, reduced);
		ops.release(reduced);
	}
	if (dReduced !== null) {
		gradients.addProduct(a, dReduced, input);
		ops.release(dReduced);
	}
	if (input !== x) ops.release(input);
}

/** dReduced A, through the dropout, added to dx. */
function addInputGradient(
	ops: Ops,
	{ a, dropout, stream }: Adapter,
	dReduced: Tensor,
	seed: DropoutSeed,
	dx: Tensor,
): void {
	if (dropout === 0 || seed === undefined) {
		ops.linearBackwardInput(dReduced, a.tensor, dx);
		return;
	}
	const dInput = ops.linearBackwardInput(dReduced, a.tensor);
	ops.dropout(dInput, dropout, randomBits(seed, stream), dx);
	ops.release(dInput);
}

/** What the adapter sees of x in training; x itself where nothing is dropped. */
const dropped = (ops: Ops, x: Tensor, { dropout, stream }: Adapter, seed: DropoutSeed): Tensor =>
	dropout === 0 || seed === undefined ? x : ops.dropout(x, dropout, randomBits(seed, stream));

/** scale · A x [rows, rank]. */
const reduce = (ops: Ops, x: Tensor, { a, scaling }: Adapter): Tensor =>
	scaled(ops, ops.linear(x, a.tensor), scaling);

/** scale · x; takes x over. */
function scaled(ops: Ops, x: Tensor, scaling: Tensor | null): Tensor {
	if (scaling === null) return x;
	const y = ops.linear(x, scaling);
	ops.release(x);
	return y;
}
