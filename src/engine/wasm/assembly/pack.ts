// Packing for the matrix product: panels of 6 rows of A or 8 columns of B, all values of one k side by side.
// Strides are in bytes, so the same code reads a matrix, its transpose, or one head of a wider tensor.

export const ROWS = 6;
export const COLUMNS = 8;

@inline
function copyStrided(from: usize, stride: usize, to: usize, count: i32, width: i32): void {
	let i = 0;
	for (; i < count; i++) store<f32>(to + (i << 2), load<f32>(from + <usize>i * stride));
	for (; i < width; i++) store<f32>(to + (i << 2), 0);
}

/** Four values of k for four neighbours: a 4x4 transposition. `step`: bytes between two k in the panel. */
@inline
function transpose4(from: usize, stride: usize, to: usize, step: usize): void {
	const a = v128.load(from);
	const b = v128.load(from + stride);
	const c = v128.load(from + 2 * stride);
	const d = v128.load(from + 3 * stride);
	const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
	const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
	const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
	const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
	v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
	v128.store(to + step, v128.shuffle<f64>(ab, cd, 1, 3));
	v128.store(to + 2 * step, v128.shuffle<f64>(abHigh, cdHigh, 0, 2));
	v128.store(to + 3 * step, v128.shuffle<f64>(abHigh, cdHigh, 1, 3));
}

/** The last two of six rows, four values of k. */
@inline
function transpose2(from: usize, stride: usize, to: usize, step: usize): void {
	const a = v128.load(from);
	const b = v128.load(from + stride);
	const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
	const high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
	v128.store64_lane(to, low, 0);
	v128.store64_lane(to + step, low, 1);
	v128.store64_lane(to + 2 * step, high, 0);
	v128.store64_lane(to + 3 * step, high, 1);
}

/** Packs `rows` rows of A over `depth` values of k; missing rows of the last panel are zero. */
export function packRows(
	from: usize,
	rowStride: usize,
	depthStride: usize,
	rows: i32,
	depth: i32,
	to: usize,
): void {
	for (let row = 0; row < rows; row += ROWS) {
		const source = from + <usize>row * rowStride;
		const count = min(ROWS, rows - row);
		let k = 0;
		if (count == ROWS && depthStride == 4) {
			for (; k + 4 <= depth; k += 4) {
				const at = source + (<usize>k << 2);
				transpose4(at, rowStride, to, 24);
				transpose2(at + 4 * rowStride, rowStride, to + 16, 24);
				to += 96;
			}
		} else if (count == ROWS && rowStride == 4) {
			for (; k < depth; k++) {
				const at = source + <usize>k * depthStride;
				v128.store(to, v128.load(at));
				store<u64>(to, load<u64>(at, 16), 16);
				to += 24;
			}
		}
		for (; k < depth; k++) {
			copyStrided(source + <usize>k * depthStride, rowStride, to, count, ROWS);
			to += 24;
		}
	}
}

/** Packs `columns` columns of B over `depth` values of k; missing columns of the last panel are zero. */
export function packColumns(
	from: usize,
	depthStride: usize,
	columnStride: usize,
	columns: i32,
	depth: i32,
	to: usize,
): void {
	for (let column = 0; column < columns; column += COLUMNS) {
		const source = from + <usize>column * columnStride;
		const count = min(COLUMNS, columns - column);
		let k = 0;
		if (count == COLUMNS && depthStride == 4) {
			for (; k + 4 <= depth; k += 4) {
				const at = source + (<usize>k << 2);
				transpose4(at, columnStride, to, 32);
				transpose4(at + 4 * columnStride, columnStride, to + 16, 32);
				to += 128;
			}
		} else if (count == COLUMNS && columnStride == 4) {
			for (; k < depth; k++) {
				const at = source + <usize>k * depthStride;
				v128.store(to, v128.load(at));
				v128.store(to, v128.load(at, 16), 16);
				to += 32;
			}
		}
		for (; k < depth; k++) {
			copyStrided(source + <usize>k * depthStride, columnStride, to, count, COLUMNS);
			to += 32;
		}
	}
}
