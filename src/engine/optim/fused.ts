/** Which weights of linear layers are updated without a gradient in memory (fusedOps.ts). */
import type { RunSpec } from '../../contract/spec.ts';
import { blockSize } from '../kernels/adamW8bit/layout.ts';
import type { NamedShape } from '../model/weights.ts';
import { isPacked } from './states.ts';

/** Of a row; of narrower matrices most of a workgroup would stand idle, and their gradients are small. */
const leastWidth = 64;

/** Rows must be whole blocks of 8-bit states, or whole vec4. By spec and shape alone, so that a resumed run does the same. */
export function fusesUpdate(kind: RunSpec['optimizer']['kind'], tensor: NamedShape): boolean {
	const [, width = 0, ...more] = tensor.shape;
	if (more.length > 0 || width < leastWidth) return false;
	return width % (isPacked(kind, tensor) ? blockSize : 4) === 0;
}
