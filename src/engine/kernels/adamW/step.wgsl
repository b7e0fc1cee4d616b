// The step of AdamW for four elements, in place: decay, moments, bias-corrected step. Put before a kernel that has the
// gradient and whose params are those used here. Reading, writing and rounding the parameter: kernels/weightFormats/.
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> v: array<vec4f>;

/// Quad i of parameter and moments, by its gradient.
fn stepQuad(i: u32, g: vec4f) {
	let first = params.beta1 * m[i] + params.oneMinusBeta1 * g;
	let second = params.beta2 * v[i] + params.oneMinusBeta2 * g * g;
	m[i] = first;
	v[i] = second;
	let moved = parameterQuad(i) * params.keepBefore
		- params.rate * first / (sqrt(second) * params.unbias + params.epsilon);
	writeParameter(i, decayed(moved, params.keepAfter, params.first + i));
}
