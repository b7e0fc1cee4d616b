// Overwrites gate with dGate = dOut * up * gelu'(gate) and up with dUp = dOut * gelu(gate) (tangent.wgsl).
struct Params {
	quads: u32,
}
@group(0) @binding(0) var<storage, read> dOut: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> gate: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> up: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (i >= params.quads) {
		return;
	}
	let g = gate[i];
	let d = dOut[i];
	gate[i] = d * up[i] * slope(g);
	up[i] = d * gelu(g);
}
