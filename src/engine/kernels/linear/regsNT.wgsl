// c = a · bᵀ, a [rows, depth], b [columns, depth], depth a multiple of 4: register blocks without barriers, for adapters
// emulated on a CPU. There a load costs as much as ten multiplications and a turn of a loop as much as fifty, hence
// the large blocks and the unrolling (see unroll.ts). b by four elements: kernels/weightFormats/.
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
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
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
	let lastRow = params.rows - 1u;
	let lastColumn = params.columns - 1u;
	let depth = params.depth / 4u;
	var atA: array<u32, 8>;
	var atB: array<u32, 8>;
	for (var i = 0u; i < 8u; i++) { // unroll
		atA[i] = min(row + i, lastRow) * depth;
		atB[i] = min(column + i, lastColumn) * depth;
	}
	var sums: array<f32, 64>;
	for (var k = 0u; k < depth; k++) {
		var y: array<vec4f, 8>;
		for (var j = 0u; j < 8u; j++) { // unroll
			y[j] = weightQuad(atB[j] + k);
		}
		for (var i = 0u; i < 8u; i++) { // unroll
			let x = a[atA[i] + k];
			for (var j = 0u; j < 8u; j++) { // unroll
				sums[i * 8u + j] += dot(x, y[j]);
			}
		}
	}
	if ((params.flags & 1u) != 0u) {
		for (var j = 0u; j < 8u; j++) { // unroll
			let add = bias[params.offsetC + min(column + j, lastColumn)];
			for (var i = 0u; i < 8u; i++) { // unroll
				sums[i * 8u + j] += add;
			}
		}
	}
	// Rows stay a loop here: what runs once is not worth eight times the text to compile.
	for (var i = 0u; i < 8u; i++) {
		if (row + i >= params.rows) {
			return;
		}
		let start = (row + i) * params.strideC + params.offsetC;
		for (var j = 0u; j < 8u; j++) { // unroll
			let at = start + min(column + j, lastColumn);
			var sum = sums[i * 8u + j];
			if ((params.flags & 2u) != 0u) {
				sum += residual[at];
			}
			if ((params.flags & 4u) != 0u) {
				sum += c[at];
			}
			if (column + j < params.columns) {
				c[at] = sum;
			}
		}
	}
}
