// c = aᵀ · b, a [depth, rows], b [depth, columns], rows and columns multiples of 4: register blocks without
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
	let strideA = params.rows / 4u;
	let strideB = params.columns / 4u;
	var atA = row / 4u;
	var atB = column / 4u;
	var c0 = vec4f();
	var c1 = vec4f();
	var c2 = vec4f();
	var c3 = vec4f();
	for (var k = 0u; k < params.depth; k++) {
		let left = a[atA];
		let right = b[atB];
		c0 += left.x * right;
		c1 += left.y * right;
		c2 += left.z * right;
		c3 += left.w * right;
		atA += strideA;
		atB += strideB;
	}
	for (var j = 0u; j < 4u; j++) {
		store(row, column + j, c0[j]);
		store(row + 1u, column + j, c1[j]);
		store(row + 2u, column + j, c2[j]);
		store(row + 3u, column + j, c3[j]);
	}
}
