// What every row adds to the gradients of alphaP and alphaN, one row per LANES threads (parts.wgsl, shared/row*.wgsl).
struct Params {
	rows: u32,
	width: u32,
	epsilon: f32,
}
@group(0) @binding(0) var<storage, read> dOut: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> alphaP: array<f32>;
@group(0) @binding(3) var<storage, read> alphaN: array<f32>;
@group(0) @binding(4) var<storage, read_write> ofP: array<f32>;
@group(0) @binding(5) var<storage, read_write> ofN: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

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
	var positive = 0.0;
	var negative = 0.0;
	for (var i = lane; i < width; i += LANES) {
		let value = x[start + i];
		let low = min(value, params.epsilon);
		positive += select(0.0, dOut[start + i] * value * value, value > 0.0);
		negative += select(dOut[start + i] * (bend(low) + low - value), 0.0, value > 0.0);
	}
	let sumP = rowSum(positive, lane);
	let sumN = rowSum(negative, lane);
	if (lane == 0u && row < params.rows) {
		ofP[row] = sumP / (1.0 + exp(-alphaP[0]));
		ofN[row] = sumN / (1.0 + exp(-alphaN[0]));
	}
}
