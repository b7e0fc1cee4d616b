/** Inputs of the self-check: made of a formula, so that the device and the reference get the same. */
import type { Ops, Tensor } from '../ops.ts';

/** Values of both signs and many sizes; none is 0, so that a result of zeros is never right by chance. */
export function values(size: number, phase: number, amplitude = 1): Float32Array {
	return Float32Array.from({ length: size }, (_, i) => {
		const wave = Math.sin(i * (0.7 + 0.13 * phase) + phase);
		return amplitude * (wave + (wave < 0 ? -0.01 : 0.01));
	});
}

/** `values` on the device. */
export function sample(ops: Ops, shape: readonly number[], phase: number, amplitude = 1): Tensor {
	const size = shape.reduce((product, side) => product * side, 1);
	return ops.upload(values(size, phase, amplitude), shape);
}

/** Integers 0, 1, ..., one in each row. */
export const counting = (ops: Ops, count: number): Tensor =>
	ops.upload(
		Int32Array.from({ length: count }, (_, i) => i),
		[count],
	);
