// A parameter of bfloat16 (formats.ts), read and written by four elements; what is written has been rounded.
@group(0) @binding(0) var<storage, read_write> parameter: array<vec2u>;

fn parameterQuad(quad: u32) -> vec4f {
	let words = parameter[quad];
	return bitcast<vec4f>(vec4u(words << vec2u(16u), words & vec2u(0xffff0000u)).xzyw);
}

fn writeParameter(quad: u32, value: vec4f) {
	let bits = bitcast<vec4u>(value);
	parameter[quad] = (bits.xz >> vec2u(16u)) | (bits.yw & vec2u(0xffff0000u));
}
