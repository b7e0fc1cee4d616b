// Per row and head what both gradient kernels need: log-sum-exp and dOut · out. One thread each. After value*.wgsl:
// CHUNKS = headDim / VALUE.
const CHUNKS = 8u;

@group(0) @binding(0) var<storage, read> dOut: array<Value>;
@group(0) @binding(1) var<storage, read> out: array<Value>;
@group(0) @binding(2) var<storage, read> logSumExp: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<vec2f>;
@group(0) @binding(4) var<uniform> count: vec4u; // x: rows times heads

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let row = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (row >= count.x) {
		return;
	}
	var sum = 0.0;
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		sum += inner(dOut[row * CHUNKS + c], out[row * CHUNKS + c]);
	}
	statistics[row] = vec2f(logSumExp[row], sum);
}
