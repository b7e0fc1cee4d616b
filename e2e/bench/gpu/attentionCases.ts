/** Causal attention, forward and with its gradients, at growing lengths; in tfjs the whole square of scores is kept. */
import * as tf from '@tensorflow/tfjs-core';
import type { AttentionShape } from '../../../src/engine/ops.ts';
import { release, twin, type KernelCase, type PlannedCase } from './kernelCase.ts';

const headDim = 64;
const heads = 8;
const width = heads * headDim;
const lengths = [128, 256, 512, 1024, 2048];

/** q, k, v [length, heads * headDim] -> the same; the mask is [1, length, length]. */
function stockAttention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor): tf.Tensor {
	const split = (x: tf.Tensor) =>
		tf.transpose<tf.Tensor3D>(tf.reshape(x, [-1, heads, headDim]), [1, 0, 2]);
	const scores = tf.matMul(split(q), split(k), false, true);
	const shares = tf.softmax(tf.add(tf.mul(scores, headDim ** -0.5), mask));
	const mixed = tf.matMul(shares, split(v));
	return tf.reshape(tf.transpose(mixed, [1, 0, 2]), [-1, width]);
}

function causalMask(length: number): tf.Tensor3D {
	const mask = new Float32Array(length * length);
	for (let row = 0; row < length; row++)
		mask.fill(-1e9, row * length + row + 1, (row + 1) * length);
	return tf.tensor3d(mask, [1, length, length]);
}

const planned = (length: number, backward: boolean): PlannedCase => {
	const name = `attention/${backward ? 'forward-and-backward' : 'forward'}/${length}`;
	const shape: AttentionShape = {
		batch: 1,
		queries: length,
		keys: length,
		heads,
		keyValueHeads: heads,
		headDim,
		window: null,
	};
	const make: PlannedCase['make'] = (ops): KernelCase => {
		const make = () => twin(ops, [length, width]);
		const [q, k, v, dOut] = [make(), make(), make(), make()];
		const positions = ops.upload(
			Int32Array.from({ length }, (_, i) => i),
			[length],
		);
		const mask = causalMask(length);
		const forward = () => ops.attention(q.ours, k.ours, v.ours, positions, shape);
		const gradients = tf.grads((a, b, c) => stockAttention(a, b, c, mask));
		const result = () => {
			const { out, logSumExp } = forward();
			if (!backward) {
				ops.release(logSumExp);
				return out;
			}
			const kept = { q: q.ours, k: k.ours, v: v.ours, out, logSumExp };
			const { dq, dk, dv } = ops.attentionBackward(dOut.ours, kept, shape);
			ops.release(out, logSumExp, dk, dv);
			return dq;
		};
		const stockResult = () =>
			tf.tidy(() => {
				const inputs = [q.stock, k.stock, v.stock];
				if (backward) return gradients(inputs, dOut.stock)[0] as tf.Tensor;
				return stockAttention(q.stock, k.stock, v.stock, mask);
			});
		// Two products of half a square forward, five backward: the scores are made again.
		const products = backward ? 7 : 2;
		return {
			name,
			flops: products * length * length * width,
			bytes: 4 * length * width * (backward ? 11 : 4),
			ours: () => {
				ops.release(result());
			},
			stock: () => {
				stockResult().dispose();
			},
			result,
			stockResult,
			dispose: () => {
				release(ops, q, k, v, dOut);
				ops.release(positions);
				mask.dispose();
			},
		};
	};
	return { name, large: length > 512, make };
};

export const attentionCases: readonly PlannedCase[] = lengths.flatMap((length) => [
	planned(length, false),
	planned(length, true),
]);
