/** Which weights of linear layers can be updated without a gradient in memory (fusedOps.ts). */

/** Of a row; of narrower matrices most of a workgroup would stand idle, and their gradients are small. */
const leastWidth = 64;

/** Whether a matrix has rows of whole `parts` elements, wide enough. */
export function rowsFuse(shape: readonly number[], parts: number): boolean {
	const [, width = 0, ...more] = shape;
	return more.length === 0 && width >= leastWidth && width % parts === 0;
}
