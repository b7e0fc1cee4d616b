// Matrix products of linear layers: y = x wᵀ, dx = dy w, dw = dyᵀ x, and the bias gradient.
import type { WeightFormat } from '../../contract/precision.ts';
import type { Ops, Tensor } from '../ops.ts';
import columnSerial from '../kernels/shared/columnSerial.wgsl?raw';
import columnTree from '../kernels/shared/columnTree.wgsl?raw';
import regsAny from '../kernels/linear/regsAny.wgsl?raw';
import regsNN from '../kernels/linear/regsNN.wgsl?raw';
import regsNT from '../kernels/linear/regsNT.wgsl?raw';
import regsTN from '../kernels/linear/regsTN.wgsl?raw';
import tiled from '../kernels/linear/tiled.wgsl?raw';
import tileFloat from '../kernels/linear/tileFloat.wgsl?raw';
import tileHalf from '../kernels/linear/tileHalf.wgsl?raw';
import sumRowsCode from '../kernels/sumRows/sumRows.wgsl?raw';
import { blockSize } from '../kernels/weightFormats/blocks.ts';
import type { Block } from './arena.ts';
import type { Context } from './context.ts';
import { rowsOf, threads, widthOf } from './context.ts';
import { kernelFor, type ProductKernel, tilesOf } from './productKernels.ts';
import type { Kernel } from './runtime.ts';
import { byFormat, formatOf, weightCode } from './weights.ts';
import { specialise } from './runtime.ts';

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
	/** Where the product takes a part of the rows of `a`, or fills a part of those of `c`. */
	readonly partOfA?: Part;
	readonly partOfC?: Part;
}

/** Elements between two rows, and where the part of them begins. */
interface Part {
	readonly stride: number;
	readonly offset: number;
}

interface Choice {
	readonly kernel: Kernel;
	/** Edge of the square of `c` one workgroup computes. */
	readonly tile: number;
}

const access = 'rrrrw';

/** In the last layout b is no weight, but an input of the layer. */
const byLayout = <T>(define: (layout: Layout, format: WeightFormat) => T) => {
	const ofWeights = (layout: Layout) => byFormat((format) => define(layout, format));
	const input = define('TN', 'f32');
	return { NT: ofWeights('NT'), NN: ofWeights('NN'), TN: byFormat(() => input) };
};

const transposition = (layout: Layout) => ({
	TRANSPOSE_A: String(layout.startsWith('T')),
	TRANSPOSE_B: String(layout.endsWith('T')),
});

/** What must divide by 4 for whole vec4 loads in each layout. */
const aligned = ({ layout, rows, columns, depth, partOfA }: Product): boolean => {
	if ((partOfA?.stride ?? 0) % 4 !== 0) return false;
	if (layout === 'NT') return depth % 4 === 0;
	if (layout === 'NN') return depth % 4 === 0 && columns % 4 === 0;
	return rows % 4 === 0 && columns % 4 === 0;
};

const chooseRegs = (context: Context): ((product: Product) => Choice) => {
	const code = { NT: regsNT, NN: regsNN, TN: regsTN };
	const define = (layout: Layout, format: WeightFormat) => {
		const label = `linear ${layout} regs ${format}`;
		const { element, quads } = weightCode[format];
		const any = element + specialise(regsAny, transposition(layout));
		return {
			vector: context.kernel(label, quads + code[layout], access, format !== 'f32'),
			any: context.kernel(`${label} any`, any, access, true),
		};
	};
	const kernels = byLayout(define);
	return (product) => {
		const { vector, any } = kernels[product.layout][formatOf(product.b)];
		return { kernel: aligned(product) ? vector : any, tile: 64 };
	};
};

const tiledCode = (layout: Layout, quads: number): string =>
	specialise(tiled, { ...transposition(layout), QUADS: `${quads}u` });

const halfKernels = (context: Context, quads: number): Partial<Record<Layout, Kernel>> => {
	const define = (layout: Layout) => {
		const code = `enable f16;\n${weightCode.int8.element}${tileHalf}${tiledCode(layout, quads)}`;
		return context.kernel(`linear ${layout} tiled ${32 * quads} int8 f16`, code, access, true);
	};
	return { NT: define('NT'), NN: define('NN') };
};

const chooseTiled = (context: Context, quads: number): ((product: Product) => Choice) => {
	const tile = 32 * quads;
	const kernels = byLayout((layout, format) => {
		const code = weightCode[format].element + tileFloat + tiledCode(layout, quads);
		const label = `linear ${layout} tiled ${tile} ${format}`;
		return context.kernel(label, code, access, format !== 'f32');
	});
	const half = context.products.halfTiles ? halfKernels(context, quads) : undefined;
	return ({ layout, b }) => {
		const format = formatOf(b);
		const halves = format === 'int8' && widthOf(b) % blockSize === 0 ? half?.[layout] : undefined;
		return { kernel: halves ?? kernels[layout][format], tile };
	};
};

const chooseWith: Readonly<Record<ProductKernel, typeof chooseRegs>> = {
	'tiled 32': (context) => chooseTiled(context, 1),
	'tiled 64': (context) => chooseTiled(context, 2),
	regs: chooseRegs,
};

const chooseBySize = (context: Context): ((product: Product) => Choice) => {
	const used = new Set(context.products.bySize.map(({ kernel }) => kernel));
	const choosers = new Map([...used].map((kernel) => [kernel, chooseWith[kernel](context)]));
	return (product) => {
		const kernel = kernelFor(context.products, tilesOf(product.rows, product.columns));
		return choosers.get(kernel)!(product);
	};
};

/** A buffer that is no tensor: it is not counted and lives as long as the device. */
const placeholder = (device: GPUDevice): Block => {
	const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
	return { id: -1, buffer, bytes: 16, lastUse: -1 };
};

/** The windows of a matrix, each with the number of its first row. */
const windowsOf = ({ arena }: Context, matrix: Tensor) => {
	let offset = 0;
	return arena.windows(matrix).map((window) => {
		const numbered = { window, offset };
		offset += rowsOf(window);
		return numbered;
	});
};

/** Strides and offsets of a product, in the order of the kernels' parameters. */
const partsOf = ({
	layout,
	rows,
	columns,
	depth,
	partOfA,
	partOfC,
}: Product): readonly number[] => {
	const a = partOfA ?? { stride: layout === 'TN' ? rows : depth, offset: 0 };
	const c = partOfC ?? { stride: columns, offset: 0 };
	return [a.stride, a.offset, c.stride, c.offset];
};

const createMultiply = (context: Context) => {
	const { runtime } = context;
	const choose = chooseBySize(context);
	// Stands in for a bias or residual that is not there: every binding needs a buffer.
	const nothing = placeholder(runtime.open.device);

	return (product: Product): void => {
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
		const integers = [rows, columns, depth, flags, ...partsOf(product)];
		runtime.dispatch(kernel, blocks, count, integers);
	};
};

export const createLinear = (context: Context): Linear => {
	const { runtime, variant } = context;
	const multiply = createMultiply(context);
	const columnCode = variant === 'regs' ? columnSerial : columnTree;
	const columnsPerGroup = variant === 'regs' ? threads : threads / 4;
	const sumRowsKernel = context.kernel('sumRows', columnCode + sumRowsCode, 'rw');
	return {
		linear: (x, weight, { bias, residual } = {}) => {
			const depth = widthOf(weight);
			const stride = rowsOf(weight);
			const rows = x.size / depth;
			const c = context.empty([...x.shape.slice(0, -1), stride]);
			for (const { window, offset } of windowsOf(context, weight)) {
				const sizes = { rows, columns: rowsOf(window), depth, partOfC: { stride, offset } };
				multiply({ layout: 'NT', a: x, b: window, c, ...sizes, bias, residual });
			}
			return c;
		},
		linearBackwardInput: (dy, weight, into) => {
			const stride = rowsOf(weight);
			const columns = widthOf(weight);
			const rows = dy.size / stride;
			const c = into ?? context.empty([...dy.shape.slice(0, -1), columns]);
			for (const { window, offset } of windowsOf(context, weight)) {
				const sizes = { rows, columns, depth: rowsOf(window), partOfA: { stride, offset } };
				const accumulate = into !== undefined || offset > 0;
				multiply({ layout: 'NN', a: dy, b: window, c, ...sizes, accumulate });
			}
			return c;
		},
		linearBackwardWeight: (dy, x, into) => {
			const stride = widthOf(dy);
			const columns = widthOf(x);
			const c = into ?? context.empty([stride, columns]);
			const accumulate = into !== undefined;
			for (const { window, offset } of windowsOf(context, c)) {
				const sizes = { columns, depth: rowsOf(dy), partOfA: { stride, offset }, accumulate };
				multiply({ layout: 'TN', a: dy, b: x, c: window, rows: rowsOf(window), ...sizes });
			}
			return c;
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
