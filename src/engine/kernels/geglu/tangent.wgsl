// GELU by the tangent, before a kernel: (1 + tanh(u)) / 2 = sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x³). Beyond |x| = 30 it
// is 0 or 1, and the cube would overflow.
fn share(value: vec4f) -> vec4f {
	let x = clamp(value, vec4f(-30.0), vec4f(30.0));
	return 1.0 / (1.0 + exp(-1.5957691216 * x * (1.0 + 0.044715 * x * x)));
}

fn gelu(x: vec4f) -> vec4f {
	return x * share(x);
}

// gelu'(x) = s + x s (1 - s) 2 u'(x), s the share.
fn slope(value: vec4f) -> vec4f {
	let x = clamp(value, vec4f(-30.0), vec4f(30.0));
	let s = share(x);
	return s + x * s * (1.0 - s) * 1.5957691216 * (1.0 + 0.134145 * x * x);
}
