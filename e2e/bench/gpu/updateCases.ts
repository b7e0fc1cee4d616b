/** One AdamW update of a matrix, with 32-bit and with 8-bit moments. */
import * as tf from '@tensorflow/tfjs-core';
import { dynamicMaps } from '../../../src/engine/kernels/adamW8bit/dynamicMaps.ts';
import { packedShape } from '../../../src/engine/kernels/adamW8bit/layout.ts';
import type { AdamWStep } from '../../../src/engine/ops.ts';
import { release, twin, type PlannedCase } from './kernelCase.ts';

const step: AdamWStep = {
	learningRate: 1e-3,
	beta1: 0.9,
	beta2: 0.999,
	epsilon: 1e-8,
	weightDecay: 0.01,
	decay: 'before',
	step: 1,
	clipNorm: null,
};

/** The update in tfjs operations, as in the tape contestant of the engine bench. */
function stockUpdate(parameter: tf.Variable, m: tf.Variable, v: tf.Variable, gradient: tf.Tensor) {
	const { learningRate, beta1, beta2, epsilon, weightDecay } = step;
	m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
	v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
	const rate = learningRate / (1 - beta1);
	const spread = Math.sqrt(1 - beta2);
	const change = tf.div(tf.mul(m, rate), tf.add(tf.div(tf.sqrt(v), spread), epsilon));
	parameter.assign(tf.sub(tf.mul(parameter, 1 - learningRate * weightDecay), change));
}

const planned = (size: readonly [number, number], bits: 8 | 32, large: boolean): PlannedCase => {
	const name = `adamw-${bits}-bit/${size.join('x')}`;
	const count = size[0] * size[1];
	return {
		name,
		large,
		make(ops) {
			const parameter = twin(ops, size);
			const gradient = twin(ops, size, 0.01);
			const norm = ops.upload(Float32Array.of(1), [1]);
			const m = ops.zeros(bits === 32 ? size : [1]);
			const v = ops.zeros(bits === 32 ? size : [1]);
			const packed = bits === 8 ? packedShape(count) : ([1, 1] as const);
			const states = ops.upload(new Int32Array(packed[0] * packed[1]), packed);
			const maps = ops.upload(dynamicMaps(), [512]);
			const variables = [parameter.stock, tf.zeros([...size]), tf.zeros([...size])].map((x) =>
				tf.variable(x),
			) as [tf.Variable, tf.Variable, tf.Variable];
			const ours = () => {
				if (bits === 32) ops.adamW(parameter.ours, gradient.ours, m, v, norm, step);
				else ops.adamW8bit(parameter.ours, gradient.ours, states, maps, norm, step);
			};
			const stock = () => {
				tf.tidy(() => {
					stockUpdate(...variables, gradient.stock);
				});
			};
			return {
				name,
				flops: 14 * count,
				bytes: count * (bits === 32 ? 28 : 16),
				ours,
				stock,
				// Decay after the step instead of before it is below the tolerance.
				result: () => {
					ours();
					return ops.copy(parameter.ours);
				},
				stockResult: () => {
					stock();
					return tf.clone(variables[0]);
				},
				dispose: () => {
					release(ops, parameter, gradient);
					ops.release(norm, m, v, states, maps);
					tf.dispose(variables);
				},
			};
		},
	};
};

export const updateCases: readonly PlannedCase[] = [
	planned([1024, 1024], 32, false),
	planned([1024, 1024], 8, false),
	planned([4096, 11008], 32, true),
	planned([4096, 11008], 8, true),
];
