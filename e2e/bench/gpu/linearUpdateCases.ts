/** Gradient and update of a linear weight: in one kernel, and in two with the gradient in between. */
import * as tf from '@tensorflow/tfjs-core';
import { dynamicMaps } from '../../../src/engine/kernels/adamW8bit/dynamicMaps.ts';
import { packedShape } from '../../../src/engine/kernels/adamW8bit/layout.ts';
import type { FusedOps } from '../../../src/engine/fusedOps.ts';
import type { Ops, Tensor } from '../../../src/engine/ops.ts';
import { release, twin, type PlannedCase } from './kernelCase.ts';
import { step, stockParameter } from './stockUpdate.ts';

/** Rows, inputs, outputs. */
type Size = readonly [number, number, number];

interface Operands {
	readonly parameter: Tensor;
	readonly dy: Tensor;
	readonly x: Tensor;
	readonly norm: Tensor;
}

/** Moments of a weight, and the two ways to update it with them. */
function moments(ops: Ops, bits: 8 | 32, [, inputs, outputs]: Size) {
	const shape = [outputs, inputs];
	if (bits === 32) {
		const [m, v] = [ops.zeros(shape), ops.zeros(shape)];
		return {
			tensors: [m, v],
			fused: (fused: FusedOps, { parameter, dy, x, norm }: Operands) =>
				fused.linearAdamW(parameter, dy, x, m, v, norm, step),
			apart: ({ parameter, norm }: Operands, gradient: Tensor) => {
				ops.adamW(parameter, gradient, m, v, norm, step);
			},
		};
	}
	const packed = packedShape(inputs * outputs);
	const states = ops.upload(new Int32Array(packed[0] * packed[1]), packed);
	const maps = ops.upload(dynamicMaps(), [512]);
	return {
		tensors: [states, maps],
		fused: (fused: FusedOps, { parameter, dy, x, norm }: Operands) =>
			fused.linearAdamW8bit(parameter, dy, x, states, maps, norm, step),
		apart: ({ parameter, norm }: Operands, gradient: Tensor) => {
			ops.adamW8bit(parameter, gradient, states, maps, norm, step);
		},
	};
}

const planned = (size: Size, bits: 8 | 32, fused: boolean, large: boolean): PlannedCase => {
	const [rows, inputs, outputs] = size;
	const name = `gradient-and-adamw-${bits}-bit/${fused ? 'fused' : 'apart'}/${size.join('x')}`;
	const count = inputs * outputs;
	return {
		name,
		large,
		make(ops) {
			const parameter = twin(ops, [outputs, inputs]);
			const dy = twin(ops, [rows, outputs], 0.01);
			const x = twin(ops, [rows, inputs]);
			const norm = ops.zeros([1]);
			const { tensors, ...update } = moments(ops, bits, size);
			const operands = { parameter: parameter.ours, dy: dy.ours, x: x.ours, norm };
			const ours = () => {
				// Plain arrays, which results are compared with, have it apart only.
				if (fused && ops.fused) {
					const parts = update.fused(ops.fused, operands);
					ops.release(ops.globalNorm([norm, parts]), parts);
					return;
				}
				const gradient = ops.linearBackwardWeight(dy.ours, x.ours);
				const whole = ops.globalNorm([norm, gradient]);
				update.apart({ ...operands, norm: whole }, gradient);
				ops.release(whole, gradient);
			};
			const { dispose, ...stock } = stockParameter(parameter.stock, () =>
				tf.matMul(dy.stock, x.stock, true),
			);
			return {
				name,
				flops: (2 * rows + 14) * count,
				// Weight and moments read and written; the gradient's bytes are what is to be saved.
				bytes: count * (bits === 32 ? 24 : 12) + 4 * rows * (inputs + outputs),
				ours,
				...stock,
				result: () => {
					ours();
					return ops.copy(parameter.ours);
				},
				dispose: () => {
					release(ops, parameter, dy, x);
					ops.release(norm, ...tensors);
					dispose();
				},
			};
		},
	};
};

export const linearUpdateCases: readonly PlannedCase[] = (
	[
		[[512, 1024, 1024], false],
		[[512, 4096, 11008], true],
	] as const
).flatMap(([size, large]) =>
	([32, 8] as const).flatMap((bits) =>
		[true, false].map((fused) => planned(size, bits, fused, large)),
	),
);
