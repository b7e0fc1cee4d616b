/** Self-check of matrix products: every kernel that is chosen by size, and those of a use, in the three layouts. */
import type { WeightFormat } from '../../contract/precision.ts';
import type { Ops } from '../ops.ts';
import type { KernelCase } from './check.ts';
import type { Use } from './onUse.ts';
import { sample, values } from './samples.ts';
import { sumCases } from './updateCases.ts';

/** Rows of one tile of a product; a size that is no multiple of it has ends inside tiles, too. */
const side = 64;

/** Rows, inputs, outputs of a product with at least so many tiles in each of its three layouts' results. */
type Shape = readonly [number, number, number];

/** The largest result that is computed: a few million operations of the reference. */
const mostTiles = 512;

/** Outputs of the forward product are [rows, outputs]; inputs are few, so that the reference is quick. */
function shapeFor(tiles: number): Shape {
	const across = Math.max(1, Math.ceil(Math.sqrt(Math.min(tiles, mostTiles))));
	return [across * side + 4, 20, across * side + 8];
}

function forward(shape: Shape, format: WeightFormat): KernelCase {
	const [rows, inputs, outputs] = shape;
	return {
		kernel: `linear, ${rows} x ${inputs} x ${outputs}, ${format}`,
		remedies: ['registers'],
		run: (ops) => {
			const x = sample(ops, [rows, inputs], 1);
			const weight = ops.uploadWeight(values(outputs * inputs, 2), [outputs, inputs], format);
			const bias = sample(ops, [outputs], 3);
			const y = ops.linear(x, weight, { bias });
			ops.release(x, weight, bias);
			return [y];
		},
	};
}

/** dx [rows, inputs] has as many tiles as y of the forward product: inputs and outputs change places. */
function backward([rows, outputs, inputs]: Shape, format: WeightFormat): KernelCase {
	return {
		kernel: `gradient of the input of linear, ${rows} x ${inputs} x ${outputs}, ${format}`,
		remedies: ['registers'],
		run: (ops) => {
			const dy = sample(ops, [rows, outputs], 4);
			const weight = ops.uploadWeight(values(outputs * inputs, 5), [outputs, inputs], format);
			const dx = ops.linearBackwardInput(dy, weight);
			ops.release(dy, weight);
			return [dx];
		},
	};
}

function weightGradient([outputs, rows, inputs]: Shape): KernelCase {
	return {
		kernel: `gradient of the weight of linear, ${rows} x ${inputs} x ${outputs}`,
		remedies: ['registers'],
		run: (ops: Ops) => {
			const dy = sample(ops, [rows, outputs], 6);
			const x = sample(ops, [rows, inputs], 7);
			const dWeight = ops.linearBackwardWeight(dy, x);
			ops.release(dy, x);
			return [dWeight];
		},
	};
}

/** Small products of widths that are whole blocks of a format's scales (64) and more than one tile deep. */
const packed: Shape = [68, 128, 72];

/** Of f32 and whole vec4. `sizes`: from how many tiles on another kernel is used (productKernels.ts). */
export const productCases = (sizes: readonly number[]): KernelCase[] =>
	sizes
		.filter((tiles) => tiles <= mostTiles)
		.map(shapeFor)
		.flatMap((shape) => [forward(shape, 'f32'), backward(shape, 'f32'), weightGradient(shape)]);

const odd: Shape = [5, 7, 9];

/** Of a weight format, of widths that are no whole vec4, or of sums with factors. */
export function useCases(use: Use): readonly KernelCase[] {
	switch (use) {
		case 'axpby':
			return sumCases;
		case 'odd widths':
			return [forward(odd, 'f32'), backward(odd, 'f32'), weightGradient(odd)];
		default:
			return [forward(packed, use), backward([68, 72, 128], use)];
	}
}
