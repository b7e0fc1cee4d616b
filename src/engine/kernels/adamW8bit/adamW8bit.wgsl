// AdamW with 8-bit states in place, as in bitsandbytes: one workgroup per block of 256 elements (stepBlock.wgsl). The
// gradient is clipped by the norm that lies in `norm`; nothing changes where that norm is not finite.
struct Params {
	size: u32, // of the binding of parameter and gradient
	blocks: u32, // to update: from firstBlock on there, from firstStates on in the states
	firstBlock: u32,
	firstStates: u32,
	firstQuad: u32, // of the parameter that its binding begins with
	clip: u32,
	rounding: u32,
	key: u32,
	clipNorm: f32,
	beta1: f32,
	share1: f32, // 1 - beta1
	beta2: f32,
	share2: f32, // 1 - beta2
	rate: f32, // learningRate * sqrt(1 - beta2^step) / (1 - beta1^step)
	floor: f32, // epsilon * sqrt(1 - beta2^step)
	keep: f32, // 1 - learningRate * weightDecay
}
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(4) var<storage, read> norm: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) lane: u32,
) {
	let block = workgroup.x + workgroup.y * workgroups.x;
	if (block >= params.blocks || !isFinite(norm[0])) {
		return;
	}
	load_map(lane);
	let quad = (params.firstBlock + block) * 64u + lane;
	// What lies behind the last element may be anything.
	let inside = 4u * quad + vec4u(0u, 1u, 2u, 3u) < vec4u(params.size);
	var g = vec4f(0.0);
	if (any(inside)) {
		var factor = 1.0;
		if (params.clip != 0u) {
			factor = min(1.0, params.clipNorm / (norm[0] + 1e-6));
		}
		g = gradient[quad] * factor;
	}
	step_block(quad, g, inside, (params.firstStates + block) * WORDS, lane);
}
