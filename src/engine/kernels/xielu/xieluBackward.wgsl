// Overwrites dOut with dx: times 2 P x + beta where x > 0, else times N (e^x - 1) + beta (parts.wgsl).
struct Params {
	size: u32,
	beta: f32,
}
@group(0) @binding(0) var<storage, read_write> dOut: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> alphaP: array<f32>;
@group(0) @binding(3) var<storage, read> alphaN: array<f32>;
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
	let low = min(value, 0.0);
	let positive = 2.0 * softplus(alphaP[0]) * value;
	let negative = (params.beta + softplus(alphaN[0])) * (bend(low) + low);
	dOut[i] *= select(negative, positive, value > 0.0) + params.beta;
}
