// Matrix products of linear layers: y = x wᵀ, dx = dy w, dw = dyᵀ x, and the bias gradient.
import type { Ops, Tensor } from '../ops.ts';
import columnSerial from '../kernels/shared/columnSerial.wgsl?raw';
import columnTree from '../kernels/shared/columnTree.wgsl?raw';
import regsAny from '../kernels/linear/regsAny.wgsl?raw';
import regsNN from '../kernels/linear/regsNN.wgsl?raw';
import regsNT from '../kernels/linear/regsNT.wgsl?raw';
import regsTN from '../kernels/linear/regsTN.wgsl?raw';
import tiled from '../kernels/linear/tiled.wgsl?raw';
import sumRowsCode from '../kernels/sumRows/sumRows.wgsl?raw';
import type { Block } from './arena.ts';
import type { Context } from './context.ts';
import { rowsOf, threads, widthOf } from './context.ts';
import type { Kernel } from './runtime.ts';
import { defineKernel, specialise } from './runtime.ts';

type Linear = Pick<Ops, 'linear' | 'linearBackwardInput' | 'linearBackwardWeight' | 'sumRows'>;

/** How the operands lie: N as is, T transposed. */
type Layout = 'NT' | 'NN' | 'TN';

interface Product {
	readonly layout: Layout;
	readonly a: Tensor;
	readonly b: Tensor;
	readonly c: Tensor;
	readonly rows: number;
	readonly columns: number;
	readonly depth: number;
	readonly bias?: Tensor | null | undefined;
	readonly residual?: Tensor | null | undefined;
	readonly accumulate?: boolean;
}

interface Choice {
	readonly kernel: Kernel;
	/** Edge of the square of `c` one workgroup computes. */
	readonly tile: number;
}

const access = 'rrrrw';
const layouts: readonly Layout[] = ['NT', 'NN', 'TN'];

const transposition = (layout: Layout) => ({
	TRANSPOSE_A: String(layout.startsWith('T')),
	TRANSPOSE_B: String(layout.endsWith('T')),
});

/** What must divide by 4 for whole vec4 loads in each layout. */
const aligned = ({ layout, rows, columns, depth }: Product): boolean => {
	if (layout === 'NT') return depth % 4 === 0;
	if (layout === 'NN') return depth % 4 === 0 && columns % 4 === 0;
	return rows % 4 === 0 && columns % 4 === 0;
};

const chooseRegs = (context: Context): ((product: Product) => Choice) => {
	const code = { NT: regsNT, NN: regsNN, TN: regsTN };
	const define = (layout: Layout) => ({
		vector: context.kernel(`linear ${layout} regs`, code[layout], access),
		// Compiled when first met: most models have no such sizes.
		any: defineKernel(
			`linear ${layout} regs any`,
			specialise(regsAny, transposition(layout)),
			access,
		),
	});
	const kernels = { NT: define('NT'), NN: define('NN'), TN: define('TN') };
	return (product) => {
		const { vector, any } = kernels[product.layout];
		return { kernel: aligned(product) ? vector : any, tile: 64 };
	};
};

/** Tiles of 64 do twice the work per value loaded; below this many of them a GPU stands half idle. */
const enoughTiles = 96;

const chooseTiled = (context: Context): ((product: Product) => Choice) => {
	const define = (quads: number) =>
		Object.fromEntries(
			layouts.map((layout) => {
				const constants = { ...transposition(layout), QUADS: `${quads}u` };
				const label = `linear ${layout} tiled ${32 * quads}`;
				return [layout, context.kernel(label, specialise(tiled, constants), access)];
			}),
		) as Record<Layout, Kernel>;
	const small = define(1);
	const large = define(2);
	return ({ layout, rows, columns }) => {
		const tiles = Math.ceil(rows / 64) * Math.ceil(columns / 64);
		return tiles < enoughTiles
			? { kernel: small[layout], tile: 32 }
			: { kernel: large[layout], tile: 64 };
	};
};

/** A buffer that is no tensor: it is not counted and lives as long as the device. */
const placeholder = (device: GPUDevice): Block => {
	const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
	return { id: -1, buffer, bytes: 16, lastUse: -1 };
};

export const createLinear = (context: Context): Linear => {
	const { runtime, variant } = context;
	const choose = variant === 'regs' ? chooseRegs(context) : chooseTiled(context);
	const columnCode = variant === 'regs' ? columnSerial : columnTree;
	const columnsPerGroup = variant === 'regs' ? threads : threads / 4;
	const sumRowsKernel = context.kernel('sumRows', columnCode + sumRowsCode, 'rw');
	// Stands in for a bias or residual that is not there: every binding needs a buffer.
	const nothing = placeholder(runtime.open.device);

	const multiply = (product: Product): Tensor => {
		const { a, b, c, rows, columns, depth, bias, residual, accumulate } = product;
		const { kernel, tile } = choose(product);
		const blocks = [
			context.block(a),
			context.block(b),
			bias ? context.block(bias) : nothing,
			residual ? context.block(residual) : nothing,
			context.block(c),
		];
		const flags = (bias ? 1 : 0) + (residual ? 2 : 0) + (accumulate ? 4 : 0);
		const count = Math.ceil(rows / tile) * Math.ceil(columns / tile);
		runtime.dispatch(kernel, blocks, count, [rows, columns, depth, flags]);
		return c;
	};

	return {
		linear: (x, weight, { bias, residual } = {}) => {
			const depth = widthOf(weight);
			const columns = rowsOf(weight);
			const rows = x.size / depth;
			const c = context.empty([...x.shape.slice(0, -1), columns]);
			return multiply({ layout: 'NT', a: x, b: weight, c, rows, columns, depth, bias, residual });
		},
		linearBackwardInput: (dy, weight, into) => {
			const depth = rowsOf(weight);
			const columns = widthOf(weight);
			const rows = dy.size / depth;
			const c = into ?? context.empty([...dy.shape.slice(0, -1), columns]);
			const accumulate = into !== undefined;
			return multiply({ layout: 'NN', a: dy, b: weight, c, rows, columns, depth, accumulate });
		},
		linearBackwardWeight: (dy, x, into) => {
			const rows = widthOf(dy);
			const columns = widthOf(x);
			const depth = rowsOf(dy);
			const c = into ?? context.empty([rows, columns]);
			const accumulate = into !== undefined;
			return multiply({ layout: 'TN', a: dy, b: x, c, rows, columns, depth, accumulate });
		},
		sumRows: (dy, into) => {
			const width = widthOf(dy);
			const total = into ?? context.empty([width]);
			const blocks = [context.block(dy), context.block(total)];
			const flags = into ? 1 : 0;
			const count = Math.ceil(width / columnsPerGroup);
			runtime.dispatch(sumRowsKernel, blocks, count, [rowsOf(dy), width, flags]);
			return total;
		},
	};
};
