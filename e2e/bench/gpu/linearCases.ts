/** Matrix products in the three layouts of a linear layer: forward, gradient of the input, gradient of the weight. */
import * as tf from '@tensorflow/tfjs-core';
import type { Ops, Tensor } from '../../../src/engine/ops.ts';
import { int8Twin, release, twin, type PlannedCase } from './kernelCase.ts';

type Shape = readonly [number, number];

interface Layout {
	readonly name: string;
	/** Rows of x, inputs and outputs of the layer -> shapes of the two operands. */
	operands(rows: number, inputs: number, outputs: number): [Shape, Shape];
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

/** Of a weight; 8-bit ones with a scale for 64. */
const bytesOf = { f32: 4, int8: 17 / 16 } as const;

const planned = (
	layout: Layout,
	[rows, inputs, outputs]: (typeof sizes)[number],
	weights: 'f32' | 'int8' = 'f32',
): PlannedCase => {
	const kind = weights === 'int8' ? 'linear-int8' : 'linear';
	const name = `${kind}/${layout.name}/${rows}x${inputs}x${outputs}`;
	return {
		name,
		large: inputs >= 4096 || outputs >= 4096,
		make(ops) {
			const [left, right] = layout.operands(rows, inputs, outputs);
			const a = twin(ops, left);
			const b = weights === 'int8' ? int8Twin(ops, right) : twin(ops, right);
			const result = () => layout.ours(ops, a.ours, b.ours);
			const stockResult = () => layout.stock(a.stock, b.stock);
			return {
				name,
				flops: 2 * rows * inputs * outputs,
				bytes: 4 * (rows * inputs + rows * outputs) + bytesOf[weights] * inputs * outputs,
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

/** What frozen weights of 8 bits take part in, at a small size and one of Llama-2-7B. */
const int8Cases = ([sizes[2], sizes[4]] as const).flatMap((size) =>
	layouts
		.filter(({ name }) => name !== 'backward-weight')
		.map((layout) => planned(layout, size, 'int8')),
);

export const linearCases: readonly PlannedCase[] = [
	...sizes.flatMap((size) => layouts.map((layout) => planned(layout, size))),
	...int8Cases,
];
