/** Newton-Schulz iteration: a matrix without its singular values, nearly. */
import type { Ops, Tensor } from '../ops.ts';

/**
 * Coefficients a, b, c of Keller Jordan (https://kellerjordan.github.io/posts/muon/), torch's defaults: chosen to lift small
 * singular values fast, not to converge. They end between about 0.7 and 1.2, which is near enough to 1 for an update.
 */
export const quintic: Polynomial = [3.4445, -4.775, 2.0315];
export type Polynomial = readonly [number, number, number];

/** torch's `eps`: the least norm that a matrix is divided by. */
const leastNorm = 1e-7;

/** Floats that the iteration works in beside the matrix itself: another like it, and two squares of its shorter side. */
export function newtonSchulzFloats([rows = 0, columns = 0]: readonly number[]): number {
	return rows * columns + 2 * Math.min(rows, columns) ** 2;
}

/** Operations of the iteration: two products with the matrix and one of squares in each step. */
export function newtonSchulzFlops([rows = 0, columns = 0]: readonly number[], steps: number) {
	const side = Math.min(rows, columns);
	return steps * 2 * side ** 2 * (2 * Math.max(rows, columns) + side);
}

/**
 * x / ||x||, then so many times x = a x + (b S + c S S) x with S = x xᵀ; of a matrix with more rows than columns likewise
 * from the right, which is the same as torch's transposing it before and after. In float32 throughout; torch computes this
 * in bfloat16 whatever the parameters are. `norm` [1]: see `Ops.axpby`.
 *
 * @param pair x [rows, columns], and zeros like it; both are worked in
 * @returns the one of the two that holds the result
 */
export function newtonSchulz(
	ops: Ops,
	pair: readonly [Tensor, Tensor],
	norm: Tensor,
	steps: number,
	[a, b, c]: Polynomial = quintic,
): Tensor {
	const [rows = 0, columns = 0] = pair[0].shape;
	let [from, x] = pair;
	const length = ops.globalNorm([from]);
	ops.axpby(x, from, length, { alpha: 1, beta: 0, normalise: leastNorm });
	ops.release(length);
	for (let step = 0; step < steps; step++) {
		const square = rows > columns ? ops.linearBackwardWeight(x, x) : ops.linear(x, x);
		// S S, since S is symmetric.
		const factor = ops.linear(square, square);
		ops.axpby(factor, square, norm, { alpha: b, beta: c });
		ops.release(square);
		ops.axpby(from, x, norm, { alpha: a, beta: 0 });
		if (rows > columns) ops.linearBackwardInput(x, factor, from);
		else ops.linearBackwardInput(factor, x, from);
		ops.release(factor);
		[from, x] = [x, from];
	}
	return x;
}
