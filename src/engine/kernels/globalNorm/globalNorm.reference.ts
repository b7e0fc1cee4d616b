/** Euclidean norm over the elements of all tensors together, in float64. */
export function globalNorm(tensors: readonly Float32Array[]): number {
	let squares = 0;
	for (const values of tensors) for (const value of values) squares += value * value;
	return Math.sqrt(squares);
}
