// c = op(a) · op(b) for any sizes, register blocks without barriers: where the sizes do not allow vec4 loads on
// adapters emulated on a CPU. a is [rows, depth] or, transposed, [depth, rows]; b is [depth, columns] or, transposed,
// [columns, depth].
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;

struct Params {
	rows: u32,
	columns: u32,
	depth: u32,
	flags: u32, // 1: add bias, 2: add residual, 4: add what c holds
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

fn store(row: u32, column: u32, value: f32) {
	if (row >= params.rows || column >= params.columns) {
		return;
	}
	let at = row * params.columns + column;
	var sum = value;
	if ((params.flags & 1u) != 0u) {
		sum += bias[column];
	}
	if ((params.flags & 2u) != 0u) {
		sum += residual[at];
	}
	if ((params.flags & 4u) != 0u) {
		sum += c[at];
	}
	c[at] = sum;
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	// 8 x 8 threads, 4 x 4 values each: a tile of 32 x 32.
	let group = workgroup.x + workgroup.y * workgroups.x;
	let across = (params.columns + 31u) / 32u;
	let row = group / across * 32u + local / 8u * 4u;
	let column = group % across * 32u + local % 8u * 4u;
	if (row >= params.rows || column >= params.columns) {
		return;
	}
	let stepA = select(1u, params.rows, TRANSPOSE_A);
	let stepB = select(params.columns, 1u, TRANSPOSE_B);
	let scaleA = select(params.depth, 1u, TRANSPOSE_A);
	let scaleB = select(1u, params.depth, TRANSPOSE_B);
	let lastRow = params.rows - 1u;
	let lastColumn = params.columns - 1u;
	let i0 = min(row + 0u, lastRow) * scaleA;
	let i1 = min(row + 1u, lastRow) * scaleA;
	let i2 = min(row + 2u, lastRow) * scaleA;
	let i3 = min(row + 3u, lastRow) * scaleA;
	let j0 = min(column + 0u, lastColumn) * scaleB;
	let j1 = min(column + 1u, lastColumn) * scaleB;
	let j2 = min(column + 2u, lastColumn) * scaleB;
	let j3 = min(column + 3u, lastColumn) * scaleB;
	var atA = 0u;
	var atB = 0u;
	var c0 = vec4f();
	var c1 = vec4f();
	var c2 = vec4f();
	var c3 = vec4f();
	for (var k = 0u; k < params.depth; k++) {
		let right = vec4f(b[j0 + atB], b[j1 + atB], b[j2 + atB], b[j3 + atB]);
		c0 += a[i0 + atA] * right;
		c1 += a[i1 + atA] * right;
		c2 += a[i2 + atA] * right;
		c3 += a[i3 + atA] * right;
		atA += stepA;
		atB += stepB;
	}
	for (var j = 0u; j < 4u; j++) {
		store(row, column + j, c0[j]);
		store(row + 1u, column + j, c1[j]);
		store(row + 2u, column + j, c2[j]);
		store(row + 3u, column + j, c3[j]);
	}
}
