// AdamW in place (step.wgsl); the gradient is clipped by the norm that lies in `norm`, so the CPU never waits for it.
// Nothing changes where that norm is not finite. Buffers are padded to whole vec4.
struct Params {
	quads: u32,
	first: u32, // quad of the parameter that its binding begins with
	clip: u32,
	rounding: u32,
	key: u32,
	clipNorm: f32,
	beta1: f32,
	beta2: f32,
	epsilon: f32,
	keepBefore: f32, // 1 - learningRate * weightDecay where the decay comes before the step, else 1
	keepAfter: f32, // the same where it comes after it
	rate: f32, // learningRate / (1 - beta1^step)
	unbias: f32, // 1 / sqrt(1 - beta2^step)
	oneMinusBeta1: f32,
	oneMinusBeta2: f32,
}
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(4) var<storage, read> norm: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (i >= params.quads || !isFinite(norm[0])) {
		return;
	}
	var factor = 1.0;
	if (params.clip != 0u) {
		factor = min(1.0, params.clipNorm / (norm[0] + 1e-6));
	}
	stepQuad(i, gradient[i] * factor);
}
