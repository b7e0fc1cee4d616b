// A matrix of bfloat16, two per word (formats.ts), by element and by four.
@group(0) @binding(1) var<storage, read> weights: array<vec2u>;

fn weightAt(i: u32) -> f32 {
	let word = weights[i / 4u][i / 2u % 2u];
	return bitcast<f32>(select(word << 16u, word & 0xffff0000u, i % 2u == 1u));
}

fn weightQuad(quad: u32) -> vec4f {
	let words = weights[quad];
	return bitcast<vec4f>(vec4u(words << vec2u(16u), words & vec2u(0xffff0000u)).xzyw);
}
