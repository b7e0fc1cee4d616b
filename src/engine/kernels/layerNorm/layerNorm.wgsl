// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, one row per LANES threads (shared/row*.wgsl). The
// variance is summed after the mean is known: the difference of two large sums would lose its digits.
struct Params {
	rows: u32,
	width: u32,
	epsilon: f32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let thread = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	let row = thread / LANES;
	let lane = thread % LANES;
	// No early return: barriers must be reached by all.
	let width = select(0u, params.width, row < params.rows);
	let start = row * params.width;
	var sum = 0.0;
	for (var i = lane; i < width; i += LANES) {
		sum += x[start + i];
	}
	let mean = rowSum(sum, lane) / f32(params.width);
	var squares = 0.0;
	for (var i = lane; i < width; i += LANES) {
		let centred = x[start + i] - mean;
		squares += centred * centred;
	}
	let scale = inverseSqrt(rowSum(squares, lane) / f32(params.width) + params.epsilon);
	for (var i = lane; i < width; i += LANES) {
		y[start + i] = (x[start + i] - mean) * scale * weight[i] + bias[i];
	}
}
