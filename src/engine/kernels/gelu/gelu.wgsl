// x * Phi(x), four elements per thread; buffers are padded to whole vec4. Phi(-|x|) = erfc(|x| / sqrt 2) / 2 by the
// Chebyshev fit of Press et al., Numerical Recipes, 6.2 (relative error below 1.2e-7).
struct Params {
	quads: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

// Phi(-|x|); beyond |x| = 14 it is 0 in float32.
fn tail(x: vec4f) -> vec4f {
	let z = min(abs(x), vec4f(14.0)) * 0.70710678;
	let t = 1.0 / (1.0 + 0.5 * z);
	var p = vec4f(0.17087277);
	p = p * t - 0.82215223;
	p = p * t + 1.48851587;
	p = p * t - 1.13520398;
	p = p * t + 0.27886807;
	p = p * t - 0.18628806;
	p = p * t + 0.09678418;
	p = p * t + 0.37409196;
	p = p * t + 1.00002368;
	p = p * t - 1.26551223;
	return 0.5 * t * exp(p - z * z);
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
	let value = x[i];
	let share = tail(value);
	out[i] = value * select(1.0 - share, share, value < vec4f(0.0));
}
