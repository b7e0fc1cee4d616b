// c = a · b, a [rows, depth], b [depth, columns], depth and columns multiples of 4: register blocks without
// barriers, for adapters emulated on a CPU.
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
	let depth = params.depth / 4u;
	let stride = params.columns / 4u;
	let lastRow = params.rows - 1u;
	let i0 = min(row + 0u, lastRow) * depth;
	let i1 = min(row + 1u, lastRow) * depth;
	let i2 = min(row + 2u, lastRow) * depth;
	let i3 = min(row + 3u, lastRow) * depth;
	var at = column / 4u;
	var c0 = vec4f();
	var c1 = vec4f();
	var c2 = vec4f();
	var c3 = vec4f();
	for (var k = 0u; k < depth; k++) {
		let b0 = b[at];
		let b1 = b[at + 1u * stride];
		let b2 = b[at + 2u * stride];
		let b3 = b[at + 3u * stride];
		at += 4u * stride;
		let a0 = a[i0 + k];
		c0 += a0.x * b0 + a0.y * b1 + a0.z * b2 + a0.w * b3;
		let a1 = a[i1 + k];
		c1 += a1.x * b0 + a1.y * b1 + a1.z * b2 + a1.w * b3;
		let a2 = a[i2 + k];
		c2 += a2.x * b0 + a2.y * b1 + a2.z * b2 + a2.w * b3;
		let a3 = a[i3 + k];
		c3 += a3.x * b0 + a3.y * b1 + a3.z * b2 + a3.w * b3;
	}
	for (var j = 0u; j < 4u; j++) {
		store(row, column + j, c0[j]);
		store(row + 1u, column + j, c1[j]);
		store(row + 2u, column + j, c2[j]);
		store(row + 3u, column + j, c3[j]);
	}
}
