// gelu(gate) * up (tangent.wgsl), four elements per thread; buffers are padded to whole vec4.
struct Params {
	quads: u32,
}
@group(0) @binding(0) var<storage, read> gate: array<vec4f>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;
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
	out[i] = gelu(gate[i]) * up[i];
}
