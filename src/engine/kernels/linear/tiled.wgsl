// c = op(a) · op(b) for any sizes, tiles in workgroup memory, 8 x 8 threads with 4·QUADS x 4·QUADS values each:
// for GPUs. a is [rows, depth] or, transposed, [depth, rows]; b is [depth, columns] or, transposed, [columns, depth];
// what its tile holds: tileFloat.wgsl, tileHalf.wgsl.
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const QUADS = 2u;
const TILE_QUADS = 8u * QUADS;
const TILE = 4u * TILE_QUADS;
const DEPTH = 16u;
// One vec4 of padding per line spreads the lines over the memory banks.
const STRIDE = TILE_QUADS + 1u;

struct Params {
	rows: u32,
	columns: u32,
	depth: u32,
	flags: u32, // 1: add bias, 2: add residual, 4: add what c holds
	strideA: u32, // elements between rows of a, of which the product takes a part from offsetA on
	offsetA: u32,
	strideC: u32, // likewise of c, bias and residual
	offsetC: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

fn store(row: u32, column: u32, value: f32) {
	if (row >= params.rows || column >= params.columns) {
		return;
	}
	let at = row * params.strideC + params.offsetC + column;
	var sum = value;
	if ((params.flags & 1u) != 0u) {
		sum += bias[params.offsetC + column];
	}
	if ((params.flags & 2u) != 0u) {
		sum += residual[at];
	}
	if ((params.flags & 4u) != 0u) {
		sum += c[at];
	}
	c[at] = sum;
}

var<workgroup> left: array<vec4f, DEPTH * STRIDE>;
var<workgroup> right: array<vec4<Element>, DEPTH * STRIDE>;

fn loadA(row: u32, k: u32) -> f32 {
	if (row >= params.rows || k >= params.depth) {
		return 0.0;
	}
	return a[select(row * params.strideA + k, k * params.strideA + row, TRANSPOSE_A) + params.offsetA];
}

fn loadB(k: u32, column: u32) -> Element {
	if (column >= params.columns || k >= params.depth) {
		return Element();
	}
	return elementAt(select(k * params.columns + column, column * params.depth + k, TRANSPOSE_B));
}

// Threads next to each other read elements next to each other, whichever way the matrix lies.
fn fillTiles(row: u32, column: u32, depth: u32, local: u32) {
	for (var e = local; e < DEPTH * TILE_QUADS; e += 64u) {
		let k = select(e % DEPTH, e / TILE_QUADS, TRANSPOSE_A);
		let quad = select(e / DEPTH, e % TILE_QUADS, TRANSPOSE_A);
		let i = row + quad * 4u;
		let at = depth + k;
		left[k * STRIDE + quad] =
			vec4f(loadA(i, at), loadA(i + 1u, at), loadA(i + 2u, at), loadA(i + 3u, at));
	}
	for (var e = local; e < DEPTH * TILE_QUADS; e += 64u) {
		let k = select(e / TILE_QUADS, e % DEPTH, TRANSPOSE_B);
		let quad = select(e % TILE_QUADS, e / DEPTH, TRANSPOSE_B);
		let j = column + quad * 4u;
		let at = depth + k;
		right[k * STRIDE + quad] =
			vec4<Element>(loadB(at, j), loadB(at, j + 1u), loadB(at, j + 2u), loadB(at, j + 3u));
	}
	fillScales(column, depth, local);
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let group = workgroup.x + workgroup.y * workgroups.x;
	let across = (params.columns + TILE - 1u) / TILE;
	let row = group / across * TILE;
	let column = group % across * TILE;
	let threadRow = local / 8u;
	let threadColumn = local % 8u;
	// Quad p of a thread's rows is quad p * 8 + threadRow of the tile, likewise for columns: conflict-free reads.
	var sums: array<vec4f, 4u * QUADS * QUADS>;
	for (var depth = 0u; depth < params.depth; depth += DEPTH) {
		fillTiles(row, column, depth, local);
		workgroupBarrier();
		takeScales(threadColumn);
		for (var k = 0u; k < DEPTH; k++) {
			for (var p = 0u; p < QUADS; p++) {
				let x = left[k * STRIDE + p * 8u + threadRow];
				for (var q = 0u; q < QUADS; q++) {
					let y = scaled(vec4f(right[k * STRIDE + q * 8u + threadColumn]), k, q);
					let at = 4u * (p * QUADS + q);
					sums[at] += x.x * y;
					sums[at + 1u] += x.y * y;
					sums[at + 2u] += x.z * y;
					sums[at + 3u] += x.w * y;
				}
			}
		}
		workgroupBarrier();
	}
	for (var p = 0u; p < QUADS; p++) {
		for (var q = 0u; q < QUADS; q++) {
			for (var i = 0u; i < 4u; i++) {
				let value = sums[4u * (p * QUADS + q) + i];
				let atRow = row + (p * 8u + threadRow) * 4u + i;
				let atColumn = column + (q * 8u + threadColumn) * 4u;
				store(atRow, atColumn, value.x);
				store(atRow, atColumn + 1u, value.y);
				store(atRow, atColumn + 2u, value.z);
				store(atRow, atColumn + 3u, value.w);
			}
		}
	}
}
