// y (+)= x * factor where the bits of the element's counter reach the threshold, else 0: the generator of random.ts.
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

fn random_bits(counter: vec4u) -> vec4u {
	var bits = ((counter + 1u) * 0x9e3779b1u) ^ vec4u(params.key);
	for (var round = 0u; round < 2u; round++) {
		bits = (bits ^ (bits >> vec4u(16u))) * 0x85ebca6bu;
		bits = (bits ^ (bits >> vec4u(13u))) * 0xc2b2ae35u;
		bits = bits ^ (bits >> vec4u(16u));
	}
	return bits;
}

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
	let kept = random_bits(4u * i + vec4u(0u, 1u, 2u, 3u)) >= vec4u(params.threshold);
	var value = select(vec4f(0.0), x[i] * params.factor, kept);
	if (params.accumulate != 0u) {
		value += y[i];
	}
	y[i] = value;
}
