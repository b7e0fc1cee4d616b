/** The operations of encoders on plain arrays. */
import type { EncoderOps } from '../encoderOps.ts';
import { gelu } from '../kernels/gelu/gelu.reference.ts';
import { layerNorm } from '../kernels/layerNorm/layerNorm.reference.ts';
import type { Tensor } from '../ops.ts';

export const encoderOps = (heap: {
	readonly wrap: (data: Float32Array, shape: readonly number[]) => Tensor;
	readonly values: (tensor: Tensor) => Float32Array;
}): EncoderOps => ({
	layerNorm: (x, weight, bias, epsilon) => {
		const [xs, ws, bs] = [heap.values(x), heap.values(weight), heap.values(bias)];
		return heap.wrap(layerNorm(xs, ws, bs, epsilon), x.shape);
	},
	gelu: (x) => heap.wrap(gelu(heap.values(x)), x.shape),
});
