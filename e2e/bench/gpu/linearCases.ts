/** Matrix products in the three layouts of a linear layer: forward, gradient of the input, gradient of the weight. */
import * as tf from '@tensorflow/tfjs-core';
import type { Ops, Tensor } from '../../../src/engine/ops.ts';
import { release, twin, type PlannedCase, type Twin } from './kernelCase.ts';

interface Layout {
	readonly name: string;
	/** Rows of x, inputs and outputs of the layer -> shapes of the two operands. */
	operands(rows: number, inputs: number, outputs: number): [number[], number[]];
	ours(ops: Ops, a: Tensor, b: Tensor): Tensor;
	stock(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
}

const layouts: readonly Layout[] = [
	{
		name: 'forward',
		operands: (rows, inputs, outputs) => [
			[rows, inputs],
			[outputs, inputs],
		],
		ours: (ops, x, weight) => ops.linear(x, weight),
		stock: (x, weight) => tf.matMul(x, weight, false, true),
	},
	{
		name: 'backward-input',
		operands: (rows, inputs, outputs) => [
			[rows, outputs],
			[outputs, inputs],
		],
		ours: (ops, dy, weight) => ops.linearBackwardInput(dy, weight),
		stock: (dy, weight) => tf.matMul(dy, weight),
	},
	{
		name: 'backward-weight',
		operands: (rows, inputs, outputs) => [
			[rows, outputs],
			[rows, inputs],
		],
		ours: (ops, dy, x) => ops.linearBackwardWeight(dy, x),
		stock: (dy, x) => tf.matMul(dy, x, true),
	},
];

/** Rows, inputs, outputs; the last four are those of Llama-2-7B with 512 tokens (query, gate, down, head). */
const sizes = [
	[512, 128, 344],
	[512, 344, 128],
	[512, 1024, 2816],
	[512, 4096, 4096],
	[512, 4096, 11008],
	[512, 11008, 4096],
	[512, 4096, 32000],
] as const;

const planned = (layout: Layout, [rows, inputs, outputs]: (typeof sizes)[number]): PlannedCase => {
	const name = `linear/${layout.name}/${rows}x${inputs}x${outputs}`;
	return {
		name,
		large: inputs >= 4096 || outputs >= 4096,
		make(ops) {
			const shapes = layout.operands(rows, inputs, outputs);
			const [a, b] = shapes.map((shape) => twin(ops, shape)) as [Twin, Twin];
			const result = () => layout.ours(ops, a.ours, b.ours);
			const stockResult = () => layout.stock(a.stock, b.stock);
			return {
				name,
				flops: 2 * rows * inputs * outputs,
				bytes: 4 * (rows * inputs + inputs * outputs + rows * outputs),
				ours: () => {
					ops.release(result());
				},
				stock: () => {
					stockResult().dispose();
				},
				result,
				stockResult,
				dispose: () => {
					release(ops, a, b);
				},
			};
		},
	};
};

export const linearCases: readonly PlannedCase[] = sizes.flatMap((size) =>
	layouts.map((layout) => planned(layout, size)),
);
