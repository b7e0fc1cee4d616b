// y (+)= x * factor where the bits of the element's counter reach the threshold, else 0: see randomBits.wgsl.
// Four elements per thread; buffers are padded to whole vec4.
struct Params {
	quads: u32,
	key: u32,
	threshold: u32,
	accumulate: u32,
	factor: f32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

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
	let kept = randomBits(4u * i + vec4u(0u, 1u, 2u, 3u)) >= vec4u(params.threshold);
	var value = select(vec4f(0.0), x[i] * params.factor, kept);
	if (params.accumulate != 0u) {
		value += y[i];
	}
	y[i] = value;
}
