/** Linear layers: one blocked matrix product for x·wᵀ, dy·w and dyᵀ·x. */
import type { Ops, Tensor } from '../ops.ts';
import type { Device } from './device.ts';
import { task } from './tasks.ts';

type LinearOps = Pick<Ops, 'linear' | 'linearBackwardInput' | 'linearBackwardWeight'>;

/** Values of k in one pass: a panel of B (8 columns) stays in the first-level cache. */
const mostDepth = 384;
/** Columns packed at once: with `mostDepth`, 3 MiB of panels whatever the vocabulary. */
const mostColumns = 2048;
/** Must equal ITEM_ROWS and ITEM_COLUMNS of assembly/gemm.ts. */
const itemRows = 48;
const itemColumns = 256;
const packedColumns = 64;
/** Up to this many rows the product reads the weight once and does not pack it. */
const fewRows = 4;
/** Scratch of one item: a packed block of rows, and the tiles at the border of c (EDGES in gemm.ts). */
export const edgeBytes = 2 * 6 * 8 * 4 + 64;

/** An operand: address, and strides in bytes for its outer index and for k. */
interface Operand {
	readonly address: number;
	readonly stride: number;
	readonly depthStride: number;
}

interface Product {
	readonly rows: number;
	readonly columns: number;
	readonly depth: number;
	readonly a: Operand;
	readonly b: Operand;
	readonly to: number;
	/** Added to the product, laid out like it; 0: nothing. */
	readonly base: number;
	readonly bias: number;
}

/** to = base + bias + a · b, in passes over k of equal length. */
function multiply(device: Device, product: Product): void {
	const { rows, columns, depth, a, b, to } = product;
	const passes = Math.ceil(depth / mostDepth);
	const pass = Math.ceil(depth / passes / 4) * 4;
	const panelColumns = Math.ceil(Math.min(columns, mostColumns) / 8) * 8;
	const panels = device.scratch('panels', panelColumns * pass * 4);
	const own = device.threadScratch(edgeBytes + itemRows * pass * 4);
	const rowBytes = columns * 4;
	for (let column = 0; column < columns; column += mostColumns) {
		const width = Math.min(mostColumns, columns - column);
		for (let k = 0; k < depth; k += pass) {
			const length = Math.min(pass, depth - k);
			const from = b.address + column * b.stride + k * b.depthStride;
			device.launch(task.pack, Math.ceil(width / packedColumns), width * length, [
				...[from, b.depthStride, b.stride, width, length, panels],
			]);
			const items = Math.ceil(rows / itemRows) * Math.ceil(width / itemColumns);
			const base = k === 0 ? product.base : to;
			device.launch(task.multiply, items, rows * width * length, [
				...[a.address + k * a.depthStride, a.stride, a.depthStride],
				...[rows, width, length, panels, to + column * 4, rowBytes],
				...[base === 0 ? 0 : base + column * 4, rowBytes],
				k === 0 && product.bias !== 0 ? product.bias + column * 4 : 0,
				...own,
			]);
		}
	}
}

function matrixShape(weight: Tensor): [number, number] {
	const [out, input] = weight.shape;
	if (weight.shape.length !== 2 || out === undefined || input === undefined) {
		throw new Error(`A weight must be [out, in], not [${weight.shape.join(', ')}].`);
	}
	return [out, input];
}

function rowsOf(tensor: Tensor, width: number, what: string): number {
	if (tensor.shape.at(-1) !== width) {
		throw new Error(`${what} [${tensor.shape.join(', ')}] must have ${width} columns.`);
	}
	return tensor.size / width;
}

export function linearOps(device: Device): LinearOps {
	const { address } = device;
	return {
		linear(x, weight, extra) {
			const [out, input] = matrixShape(weight);
			const rows = rowsOf(x, input, 'The input of a linear layer');
			const result = device.tensor([...x.shape.slice(0, -1), out], 'f32');
			const bias = extra?.bias ? address(extra.bias) : 0;
			const base = extra?.residual ? address(extra.residual) : 0;
			const [from, by, to] = [address(x), address(weight), address(result)];
			if (rows <= fewRows) {
				const parameters = [from, by, rows, out, input, to, bias, base];
				device.launch(task.fewRows, Math.ceil(out / 64), rows * out * input, parameters);
				return result;
			}
			const a = { address: from, stride: input * 4, depthStride: 4 };
			const b = { address: by, stride: input * 4, depthStride: 4 };
			multiply(device, { rows, columns: out, depth: input, a, b, to, base, bias });
			return result;
		},
		linearBackwardInput(dy, weight, into) {
			const [out, input] = matrixShape(weight);
			const rows = rowsOf(dy, out, 'The gradient of a linear layer');
			const result = into ?? device.tensor([...dy.shape.slice(0, -1), input], 'f32');
			const to = address(result);
			const a = { address: address(dy), stride: out * 4, depthStride: 4 };
			const b = { address: address(weight), stride: 4, depthStride: input * 4 };
			const base = into ? to : 0;
			multiply(device, { rows, columns: input, depth: out, a, b, to, base, bias: 0 });
			return result;
		},
		linearBackwardWeight(dy, x, into) {
			const out = dy.shape.at(-1) ?? 0;
			const input = x.shape.at(-1) ?? 0;
			const depth = rowsOf(x, input, 'x');
			if (dy.size !== depth * out) {
				throw new Error(
					`dy [${dy.shape.join(', ')}] and x [${x.shape.join(', ')}] differ in rows.`,
				);
			}
			const result = into ?? device.tensor([out, input], 'f32');
			const to = address(result);
			const a = { address: address(dy), stride: 4, depthStride: out * 4 };
			const b = { address: address(x), stride: 4, depthStride: input * 4 };
			const base = into ? to : 0;
			multiply(device, { rows: out, columns: input, depth, a, b, to, base, bias: 0 });
			return result;
		},
	};
}
