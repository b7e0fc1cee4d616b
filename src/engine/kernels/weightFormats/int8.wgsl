// A matrix of 8-bit codes in blocks of 64 with a scale (formats.ts), by element and by four.
@group(0) @binding(1) var<storage, read> weights: array<u32>;

fn weightAt(i: u32) -> f32 {
	let block = i / 64u * 17u;
	let word = weights[block + 1u + i % 64u / 4u];
	return f32(extractBits(i32(word), i % 4u * 8u, 8u)) * bitcast<f32>(weights[block]);
}

fn weightQuad(quad: u32) -> vec4f {
	let block = quad / 16u * 17u;
	let codes = unpack4xI8(weights[block + 1u + quad % 16u]);
	return vec4f(codes) * bitcast<f32>(weights[block]);
}
