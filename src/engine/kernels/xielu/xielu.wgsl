// xIELU of every element (parts.wgsl).
struct Params {
	size: u32,
	beta: f32,
	epsilon: f32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> alphaP: array<f32>;
@group(0) @binding(2) var<storage, read> alphaN: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (i >= params.size) {
		return;
	}
	let value = x[i];
	let low = min(value, params.epsilon);
	let positive = softplus(alphaP[0]) * value * value;
	let negative = (params.beta + softplus(alphaN[0])) * (bend(low) + low - value);
	out[i] = select(negative, positive, value > 0.0) + params.beta * value;
}
