/** Self-check of loss, norm and updates. */
import { dynamicMaps } from '../kernels/adamW8bit/dynamicMaps.ts';
import { packedShape } from '../kernels/adamW8bit/layout.ts';
import type { AdamWStep, Ops, Tensor } from '../ops.ts';
import type { KernelCase, Remedy } from './check.ts';
import { counting, sample } from './samples.ts';

/** A large rate: what one update changes is then far above the tolerance. */
const step: AdamWStep = {
	...{ learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
	...{ decay: 'before', step: 1, clipNorm: 1 },
};

const [outputs, inputs, rows] = [24, 256, 6];

const rowSums: readonly Remedy[] = ['no subgroups', 'registers'];

function loss(ops: Ops): Tensor[] {
	const logits = sample(ops, [40, 300], 1, 4);
	const labels = counting(ops, 40);
	const losses = ops.crossEntropy(logits, labels, 0.5);
	ops.release(labels);
	return [losses, logits];
}

function norm(ops: Ops): Tensor[] {
	const tensors = [1, 2, 3].map((phase) => sample(ops, [outputs, 67], phase));
	const whole = ops.globalNorm(tensors);
	ops.release(...tensors);
	return [whole];
}

function adamW(ops: Ops): Tensor[] {
	const parameter = sample(ops, [outputs, inputs], 1);
	const gradient = sample(ops, [outputs, inputs], 2);
	const [m, v] = [ops.zeros([outputs, inputs]), ops.zeros([outputs, inputs])];
	const whole = ops.upload(Float32Array.of(3), [1]);
	ops.adamW(parameter, gradient, m, v, whole, step);
	ops.release(gradient, whole);
	return [parameter, m, v];
}

function adamW8bit(ops: Ops): Tensor[] {
	const parameter = sample(ops, [outputs, inputs], 1);
	const gradient = sample(ops, [outputs, inputs], 2);
	const states = ops.upload(new Int32Array(outputs * 130), packedShape(outputs * inputs));
	const maps = ops.upload(dynamicMaps(), [512]);
	const whole = ops.upload(Float32Array.of(3), [1]);
	ops.adamW8bit(parameter, gradient, states, maps, whole, step);
	ops.release(gradient, states, maps, whole);
	return [parameter];
}

/** Where a backend has no update in one, gradient and update apart: what is right is the same. */
function inOne(ops: Ops): Tensor[] {
	const parameter = sample(ops, [outputs, inputs], 1);
	const dy = sample(ops, [rows, outputs], 2);
	const x = sample(ops, [rows, inputs], 3);
	const [m, v] = [ops.zeros([outputs, inputs]), ops.zeros([outputs, inputs])];
	const whole = ops.upload(Float32Array.of(3), [1]);
	if (ops.fused) ops.release(ops.fused.linearAdamW(parameter, dy, x, m, v, whole, step));
	else {
		const gradient = ops.linearBackwardWeight(dy, x);
		ops.adamW(parameter, gradient, m, v, whole, { ...step, clipNorm: null });
		ops.release(gradient);
	}
	ops.release(dy, x, whole);
	return [parameter, m, v];
}

function dropped(ops: Ops): Tensor[] {
	const x = sample(ops, [outputs, 67], 1);
	const y = ops.dropout(x, 0.3, 7);
	ops.release(x);
	return [y];
}

function sums(ops: Ops): Tensor[] {
	const [target, x] = [sample(ops, [outputs, inputs], 1), sample(ops, [outputs, inputs], 2)];
	const norm = ops.upload(Float32Array.of(3), [1]);
	ops.axpby(target, x, norm, { alpha: 0.7, beta: -0.4, clipNorm: 1 });
	ops.release(x, norm);
	return [target];
}

/** What updates of few optimizers are made of. */
export const sumCases: readonly KernelCase[] = [
	{ kernel: 'sums with factors', remedies: [], run: sums },
];

export const updateCases: readonly KernelCase[] = [
	{ kernel: 'cross-entropy', remedies: rowSums, run: loss },
	{ kernel: 'norm of the gradients', remedies: rowSums, run: norm },
	{ kernel: 'AdamW', remedies: [], run: adamW },
	{ kernel: 'AdamW with 8-bit moments', remedies: [], run: adamW8bit },
	{ kernel: 'gradient and update in one', remedies: ['apart'], run: inOne },
	{ kernel: 'dropout', remedies: [], run: dropped },
];
