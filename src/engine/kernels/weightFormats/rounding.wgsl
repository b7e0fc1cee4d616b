// Rounds new values of a parameter to bfloat16 as params.rounding says: 0 not at all, 1 to the nearest, ties to even,
// 2 up or down by the random bits of the element's number (random.ts). What is not finite stays.
fn rounded(value: vec4f, quad: u32) -> vec4f {
	if (params.rounding == 0u) {
		return value;
	}
	let bits = bitcast<vec4u>(value);
	var below = vec4u(0x7fffu) + ((bits >> vec4u(16u)) & vec4u(1u));
	if (params.rounding == 2u) {
		below = randomBits(4u * quad + vec4u(0u, 1u, 2u, 3u)) & vec4u(0xffffu);
	}
	let finite = (bits & vec4u(0x7f800000u)) != vec4u(0x7f800000u);
	return bitcast<vec4f>(select(bits, (bits + below) & vec4u(0xffff0000u), finite));
}

// Decay after the step: the nearest is taken of the step, too, as bitsandbytes does.
fn decayed(value: vec4f, keep: f32, quad: u32) -> vec4f {
	if (params.rounding == 1u) {
		return rounded(rounded(value, quad) * keep, quad);
	}
	return rounded(value * keep, quad);
}
