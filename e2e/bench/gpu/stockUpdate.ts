/** The update that the bench makes, and how it is made of tfjs operations. */
import * as tf from '@tensorflow/tfjs-core';
import type { AdamWStep } from '../../../src/engine/ops.ts';

export const step: AdamWStep = {
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

/** A parameter of these values with moments of its own; every call updates it by a gradient made anew. */
export function stockParameter(values: tf.Tensor, gradient: () => tf.Tensor) {
	const zeros = () => tf.variable(tf.zeros(values.shape));
	const variables = [tf.variable(values), zeros(), zeros()] as const;
	const stock = () => {
		tf.tidy(() => {
			stockUpdate(...variables, gradient());
		});
	};
	return {
		stock,
		stockResult: () => {
			stock();
			return tf.clone(variables[0]);
		},
		dispose: () => {
			tf.dispose([...variables]);
		},
	};
}
