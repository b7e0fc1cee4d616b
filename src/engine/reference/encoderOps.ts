/** The operations of encoders on plain arrays. */
import type { EncoderOps } from '../encoderOps.ts';
import { gelu } from '../kernels/gelu/gelu.reference.ts';
import { layerNorm } from '../kernels/layerNorm/layerNorm.reference.ts';
import type { Tensor } from '../ops.ts';

export const encoderOps = (heap: {
	wrap(data: Float32Array, shape: readonly number[]): Tensor;
	values(tensor: Tensor): Float32Array;
}): EncoderOps => ({
	layerNorm: (x, weight, bias, epsilon) => {
		const [xs, ws, bs] = [x, weight, bias].map(heap.values) as [
			Float32Array,
			Float32Array,
			Float32Array,
		];
		return heap.wrap(layerNorm(xs, ws, bs, epsilon), x.shape);
	},
	gelu: (x) => heap.wrap(gelu(heap.values(x)), x.shape),
});
