// target = alpha factor x + beta target, by four elements; buffers are padded to whole vec4. The factor is of a norm that
// lies on the device, so the CPU never waits for it. Nothing changes where that norm is not finite. Reading, rounding and
// writing the target: kernels/weightFormats/.
struct Params {
	quads: u32,
	first: u32, // quad of the target that its binding begins with
	divide: u32, // 0: the factor is 1
	rounding: u32,
	key: u32,
	alpha: f32,
	beta: f32,
	numerator: f32, // the factor is numerator / max(norm + offset, least)
	offset: f32,
	least: f32,
}
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

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
	var alpha = params.alpha;
	if (params.divide != 0u) {
		alpha *= params.numerator / max(norm[0] + params.offset, params.least);
	}
	writeParameter(i, rounded(alpha * x[i] + params.beta * parameterQuad(i), params.first + i));
}
