// c (+)= aᵀ · b, a [depth, rows], b [depth, columns], rows and columns multiples of 4: register blocks without barriers,
// for adapters emulated on a CPU (reasons: regsNT.wgsl).
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
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	// 8 x 8 threads, 8 x 8 values each: a tile of 64 x 64. What lies past the end repeats the last row or
	// column and is not stored.
	let group = workgroup.x + workgroup.y * workgroups.x;
	let across = (params.columns + 63u) / 64u;
	let row = group / across * 64u + local / 8u * 8u;
	let column = group % across * 64u + local % 8u * 8u;
	if (row >= params.rows || column >= params.columns) {
		return;
	}
	let strideA = params.strideA / 4u;
	let stride = params.columns / 4u;
	var atA = (params.offsetA + row) / 4u;
	var atB = column / 4u;
	let nextA = select(0u, 1u, row + 4u < params.rows);
	let nextB = select(0u, 1u, column + 4u < params.columns);
	var sums: array<vec4f, 16>;
	for (var k = 0u; k < params.depth; k++) {
		let left = array(a[atA], a[atA + nextA]);
		let right = array(weightQuad(atB), weightQuad(atB + nextB));
		for (var i = 0u; i < 8u; i++) { // unroll
			for (var q = 0u; q < 2u; q++) { // unroll
				sums[i * 2u + q] += left[i / 4u][i % 4u] * right[q];
			}
		}
		atA += strideA;
		atB += stride;
	}
	let secondQuad = column + 4u < params.columns;
	// Rows stay a loop here: what runs once is not worth eight times the text to compile.
	for (var i = 0u; i < 8u; i++) {
		if (row + i < params.rows) {
			let start = (row + i) * stride + column / 4u;
			if ((params.flags & 4u) != 0u) {
				sums[i * 2u] += c[start];
				sums[i * 2u + 1u] += c[start + select(0u, 1u, secondQuad)];
			}
			c[start] = sums[i * 2u];
			if (secondQuad) {
				c[start + 1u] = sums[i * 2u + 1u];
			}
		}
	}
}
