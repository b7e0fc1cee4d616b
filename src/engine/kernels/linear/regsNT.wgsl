// c = a · bᵀ, a [rows, depth], b [columns, depth], depth a multiple of 4: register blocks without barriers,
// for adapters emulated on a CPU, where a barrier costs more than it saves.
struct Params {
	rows: u32,
	columns: u32,
	depth: u32,
	flags: u32, // 1: add bias, 2: add residual, 4: add what c holds
}
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
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
	// Rows and columns past the end repeat the last one; store() drops them.
	let depth = params.depth / 4u;
	let lastRow = params.rows - 1u;
	let lastColumn = params.columns - 1u;
	let i0 = min(row + 0u, lastRow) * depth;
	let i1 = min(row + 1u, lastRow) * depth;
	let i2 = min(row + 2u, lastRow) * depth;
	let i3 = min(row + 3u, lastRow) * depth;
	let j0 = min(column + 0u, lastColumn) * depth;
	let j1 = min(column + 1u, lastColumn) * depth;
	let j2 = min(column + 2u, lastColumn) * depth;
	let j3 = min(column + 3u, lastColumn) * depth;
	var c0 = vec4f();
	var c1 = vec4f();
	var c2 = vec4f();
	var c3 = vec4f();
	for (var k = 0u; k < depth; k++) {
		let b0 = b[j0 + k];
		let b1 = b[j1 + k];
		let b2 = b[j2 + k];
		let b3 = b[j3 + k];
		let a0 = a[i0 + k];
		c0 += vec4f(dot(a0, b0), dot(a0, b1), dot(a0, b2), dot(a0, b3));
		let a1 = a[i1 + k];
		c1 += vec4f(dot(a1, b0), dot(a1, b1), dot(a1, b2), dot(a1, b3));
		let a2 = a[i2 + k];
		c2 += vec4f(dot(a2, b0), dot(a2, b1), dot(a2, b2), dot(a2, b3));
		let a3 = a[i3 + k];
		c3 += vec4f(dot(a3, b0), dot(a3, b1), dot(a3, b2), dot(a3, b3));
	}
	for (var j = 0u; j < 4u; j++) {
		store(row, column + j, c0[j]);
		store(row + 1u, column + j, c1[j]);
		store(row + 2u, column + j, c2[j]);
		store(row + 3u, column + j, c3[j]);
	}
}
