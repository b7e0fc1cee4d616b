/** Which states the optimizer has of a parameter, and what they take. */
import type { RunSpec } from '../../contract/spec.ts';
import { packedShape } from '../kernels/adamW8bit/layout.ts';
import { embeddingName, type NamedShape, type Parameter } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';

type OptimizerKind = RunSpec['optimizer']['kind'];

/** First and second moments of one parameter: as floats in its shape, or packed (kernels/adamW8bit/layout.ts). */
export type Moments = { readonly m: Tensor; readonly v: Tensor } | { readonly packed: Tensor };

/** bitsandbytes' min_8bit_size. */
const leastPacked = 4096;
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * As bitsandbytes under Hugging Face's Trainer: small tensors and the embedding (tied with the head or not) keep
 * float32 moments. A rarely seen row whose second moment is rounded to 0 would take a step of 100 learning rates.
 */
export const isPacked = (kind: OptimizerKind, { name, shape }: NamedShape): boolean =>
	kind === 'adamw-8bit' && product(shape) >= leastPacked && name !== embeddingName;

/** Moments that are zero. */
export function createMoments(ops: Ops, kind: OptimizerKind, { name, tensor }: Parameter): Moments {
	const { shape, size } = tensor;
	if (!isPacked(kind, { name, shape })) {
		const m = ops.zeros(shape);
		try {
			return { m, v: ops.zeros(shape) };
		} catch (error) {
			ops.release(m);
			throw error;
		}
	}
	const packed = packedShape(size);
	return { packed: ops.upload(new Int32Array(product(packed)), packed) };
}

/** Bytes of the moments of a parameter. */
export function momentBytes(kind: OptimizerKind, parameter: NamedShape): number {
	const size = product(parameter.shape);
	return 4 * (isPacked(kind, parameter) ? product(packedShape(size)) : 2 * size);
}
