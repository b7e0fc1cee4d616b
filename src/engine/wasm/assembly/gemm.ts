// Matrix product on packed panels: c[m, n] (=|+=) a[m, k] * b[k, n], blocked for the caches.
import { COLUMNS, packColumns, packRows, ROWS } from './pack';
import { int, pointer, scratch } from './parallel';
import { madd, sum } from './simd';
import { tile } from './tile';

/** Rows and columns of c that one item computes. */
const ITEM_ROWS = 48;
const ITEM_COLUMNS = 256;

/** Bytes of scratch `multiply` needs besides the packed rows: one tile and its base and bias. */
const EDGE: usize = ROWS * COLUMNS * 4;
export const EDGES: usize = 2 * EDGE + 64;

/** A tile at the border of c: computed whole in scratch, the part inside copied. */
function edgeTile(
	depth: i32,
	a: usize,
	b: usize,
	c: usize,
	stride: usize,
	base: usize,
	baseStride: usize,
	bias: usize,
	rows: i32,
	columns: i32,
	edges: usize,
): void {
	const width = (<usize>columns) << 2;
	const copiedBase = edges + EDGE;
	const copiedBias = edges + 2 * EDGE;
	if (base) {
		for (let row = 0; row < rows; row++) {
			memory.copy(copiedBase + <usize>row * 32, base + <usize>row * baseStride, width);
		}
	}
	if (bias) memory.copy(copiedBias, bias, width);
	tile(depth, a, b, edges, 32, base ? copiedBase : 0, 32, bias ? copiedBias : 0);
	for (let row = 0; row < rows; row++) {
		memory.copy(c + <usize>row * stride, edges + <usize>row * 32, width);
	}
}

/**
 * c = base + bias + a * b for packed a [rows, depth] and packed b [span, columns], of which `depth` values of
 * k from `b` on are used.
 */
export function multiply(
	rows: i32,
	columns: i32,
	depth: i32,
	a: usize,
	b: usize,
	span: i32,
	c: usize,
	stride: usize,
	base: usize,
	baseStride: usize,
	bias: usize,
	edges: usize,
): void {
	for (let column = 0; column < columns; column += COLUMNS) {
		const panel = b + ((<usize>column * span) << 2);
		const columnsHere = columns - column;
		const across = (<usize>column) << 2;
		const biasHere = bias ? bias + across : 0;
		for (let row = 0; row < rows; row += ROWS) {
			const to = c + <usize>row * stride + across;
			const from = base ? base + <usize>row * baseStride + across : 0;
			const block = a + ((<usize>row * depth) << 2);
			if (rows - row >= ROWS && columnsHere >= COLUMNS) {
				tile(depth, block, panel, to, stride, from, baseStride, biasHere);
			} else {
				edgeTile(
					depth,
					block,
					panel,
					to,
					stride,
					from,
					baseStride,
					biasHere,
					min(ROWS, rows - row),
					min(COLUMNS, columnsHere),
					edges,
				);
			}
		}
	}
}

/** Task: packs 64 columns of b. 0 from, 1 depth stride, 2 column stride, 3 columns, 4 depth, 5 to. */
export function packItem(item: i32): void {
	const first = item * 64;
	const depth = int(4);
	packColumns(
		pointer(0) + <usize>first * pointer(2),
		pointer(1),
		pointer(2),
		min(64, int(3) - first),
		depth,
		pointer(5) + ((<usize>first * depth) << 2),
	);
}

/**
 * Task: one block of c. 0 a, 1 row stride, 2 depth stride, 3 rows, 4 columns, 5 depth, 6 packed b, 7 c,
 * 8 stride, 9 base, 10 base stride, 11 bias, 12-13 scratch.
 */
export function multiplyItem(item: i32): void {
	const columnBlocks = (int(4) + ITEM_COLUMNS - 1) / ITEM_COLUMNS;
	const row = (item / columnBlocks) * ITEM_ROWS;
	const column = (item % columnBlocks) * ITEM_COLUMNS;
	const rows = min(ITEM_ROWS, int(3) - row);
	const depth = int(5);
	const across = (<usize>column) << 2;
	const own = scratch(12);
	const packed = own + EDGES;
	packRows(pointer(0) + <usize>row * pointer(1), pointer(1), pointer(2), rows, depth, packed);
	multiply(
		rows,
		min(ITEM_COLUMNS, int(4) - column),
		depth,
		packed,
		pointer(6) + ((<usize>column * depth) << 2),
		depth,
		pointer(7) + <usize>row * pointer(8) + across,
		pointer(8),
		pointer(9) ? pointer(9) + <usize>row * pointer(10) + across : 0,
		pointer(10),
		pointer(11) ? pointer(11) + across : 0,
		own,
	);
}

/**
 * Task: 64 columns of x * weightᵀ for few rows, where packing the weight would cost more than the product.
 * 0 x, 1 weight, 2 rows, 3 columns, 4 depth, 5 y, 6 bias, 7 residual.
 */
export function fewRowsItem(item: i32): void {
	const columns = int(3);
	const depth = int(4);
	const whole = depth & ~7;
	for (let column = item * 64; column < min(columns, item * 64 + 64); column++) {
		const weight = pointer(1) + ((<usize>column * depth) << 2);
		for (let row = 0; row < int(2); row++) {
			const x = pointer(0) + ((<usize>row * depth) << 2);
			let even = f32x4.splat(0);
			let odd = even;
			for (let k = 0; k < whole; k += 8) {
				const at = (<usize>k) << 2;
				even = madd(v128.load(x + at), v128.load(weight + at), even);
				odd = madd(v128.load(x + at, 16), v128.load(weight + at, 16), odd);
			}
			let total = sum(f32x4.add(even, odd));
			for (let k = whole; k < depth; k++) {
				total += load<f32>(x + (k << 2)) * load<f32>(weight + (k << 2));
			}
			const to = (<usize>row * columns + column) << 2;
			if (pointer(6)) total += load<f32>(pointer(6) + (column << 2));
			if (pointer(7)) total += load<f32>(pointer(7) + to);
			store<f32>(pointer(5) + to, total);
		}
	}
}
