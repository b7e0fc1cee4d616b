// Gradient and update of a linear layer's weight in one: a workgroup sums ROWS x 256 elements of dyᵀ x in registers, four
// columns per thread, and moves weight and moments by them, so that no gradient is ever in memory. 256 elements side by
// side are a block of 8-bit states. Before it comes the optimizer's part, adamW.wgsl or adamW8bit.wgsl of this folder.
// For each row of x and dy a thread loads a quad of x, which no other thread of the workgroup needs, and ROWS elements of
// dy, the same for all, which lie in workgroup memory.
const ROWS = 16u;
const QUADS = 4u; // ROWS / 4
const DEPTH = 16u; // 256 / ROWS: every thread brings one quad of dy at a time
const LAST = 15u; // ROWS - 1
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> norm: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> norms: array<f32>; // of the parts of the gradient
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> left: array<vec4f, 64>;
var<workgroup> finite: u32;

fn loadDy(k: u32, row: u32) -> f32 {
	if (k >= params.depth || row >= params.endRow) {
		return 0.0;
	}
	return dy[k * params.stride + params.offset + row];
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) lane: u32,
) {
	let group = workgroup.x + workgroup.y * workgroups.x;
	let across = (params.width + 63u) / 64u;
	let row = params.firstRow + group / across * ROWS;
	if (row >= params.endRow) {
		return;
	}
	let column = group % across;
	let quad = column * 64u + lane;
	let inside = quad < params.width;
	// What lies past the end repeats the last column and is not used.
	let own = min(quad, params.width - 1u);
	var sums: array<vec4f, ROWS>;
	for (var depth = 0u; depth < params.depth; depth += DEPTH) {
		let k = depth + lane / QUADS;
		let i = row + lane % QUADS * 4u;
		workgroupBarrier();
		left[lane] = vec4f(loadDy(k, i), loadDy(k, i + 1u), loadDy(k, i + 2u), loadDy(k, i + 3u));
		workgroupBarrier();
		let turns = min(DEPTH, params.depth - depth);
		for (var turn = 0u; turn < turns; turn++) {
			let right = x[(depth + turn) * params.width + own];
			for (var q = 0u; q < QUADS; q++) { // unroll
				let four = left[turn * QUADS + q];
				sums[4u * q] += four.x * right;
				sums[4u * q + 1u] += four.y * right;
				sums[4u * q + 2u] += four.z * right;
				sums[4u * q + 3u] += four.w * right;
			}
		}
	}
	var squares = 0.0;
	for (var i = 0u; i < ROWS; i++) { // unroll
		squares += select(0.0, dot(sums[i], sums[i]), inside && owns(row + i, column));
	}
	squares = rowSum(squares, lane);
	if (lane == 0u) {
		norms[params.firstPart + group] = sqrt(squares);
		finite = select(0u, 1u, isFinite(squares) && isFinite(norm[0]));
	}
	if (workgroupUniformLoad(&finite) == 0u) {
		return;
	}
	begin(lane);
	// The rows move up instead of being picked by a number: constant places stay in registers.
	for (var i = 0u; i < ROWS; i++) {
		if (owns(row + i, column)) {
			update((row + i) * params.width + quad, sums[0], inside, lane);
		}
		for (var j = 0u; j < LAST; j++) { // unroll
			sums[j] = sums[j + 1u];
		}
	}
}
