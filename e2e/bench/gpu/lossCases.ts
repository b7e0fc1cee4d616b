/** Cross-entropy with its gradient: loss and softmax - onehot of rows of logits. */
import * as tf from '@tensorflow/tfjs-core';
import { release, twin, type PlannedCase } from './kernelCase.ts';

const planned = (rows: number, vocabulary: number, large: boolean): PlannedCase => {
	const name = `cross-entropy/${rows}x${vocabulary}`;
	return {
		name,
		large,
		make(ops) {
			const logits = twin(ops, [rows, vocabulary], 4);
			const values = Int32Array.from({ length: rows }, (_, row) => (row * 7919) % vocabulary);
			const labels = ops.upload(values, [rows]);
			const stockLabels = tf.tensor1d(values, 'int32');
			const gradient = tf.grad((x) => {
				const targets = tf.oneHot(stockLabels, vocabulary);
				return tf.losses.softmaxCrossEntropy(targets, x);
			});
			const stockResult = () => tf.tidy(() => gradient(logits.stock));
			return {
				name,
				flops: 5 * rows * vocabulary,
				bytes: 2 * 4 * rows * vocabulary,
				// In place: after the first call these are other logits, which take as long.
				ours: () => {
					ops.release(ops.crossEntropy(logits.ours, labels, 1 / rows));
				},
				stock: () => {
					stockResult().dispose();
				},
				result: () => {
					const gradient = ops.copy(logits.ours);
					ops.release(ops.crossEntropy(gradient, labels, 1 / rows));
					return gradient;
				},
				stockResult,
				dispose: () => {
					release(ops, logits);
					ops.release(labels);
					stockLabels.dispose();
				},
			};
		},
	};
};

export const lossCases: readonly PlannedCase[] = [
	planned(64, 32000, false),
	planned(512, 32000, true),
];
