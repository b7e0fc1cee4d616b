// c = op(a) · op(b) for any sizes, register blocks without barriers: where the sizes do not allow vec4 loads on
// adapters emulated on a CPU. a is [rows, depth] or, transposed, [depth, rows]; b is [depth, columns] or, transposed,
// [columns, depth]; b by element: kernels/weightFormats/.
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;

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
	let stepA = select(1u, params.strideA, TRANSPOSE_A);
	let stepB = select(params.columns, 1u, TRANSPOSE_B);
	let scaleA = select(params.strideA, 1u, TRANSPOSE_A);
	let scaleB = select(1u, params.depth, TRANSPOSE_B);
	var atA: array<u32, 8>;
	var atB: array<u32, 8>;
	for (var i = 0u; i < 8u; i++) { // unroll
		atA[i] = min(row + i, lastRow) * scaleA + params.offsetA;
		atB[i] = min(column + i, lastColumn) * scaleB;
	}
	var sums: array<f32, 64>;
	for (var k = 0u; k < params.depth; k++) {
		var y: array<f32, 8>;
		for (var j = 0u; j < 8u; j++) { // unroll
			y[j] = weightAt(atB[j] + k * stepB);
		}
		for (var i = 0u; i < 8u; i++) { // unroll
			let x = a[atA[i] + k * stepA];
			for (var j = 0u; j < 8u; j++) { // unroll
				sums[i * 8u + j] += x * y[j];
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
