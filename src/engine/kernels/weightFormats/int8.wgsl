// A matrix of 8-bit codes in blocks of 64 with a scale (formats.ts), by element and by four.
@group(0) @binding(1) var<storage, read> weights: array<u32>;

fn scaleAt(i: u32) -> f32 {
	return bitcast<f32>(weights[i / 64u * 17u]);
}

fn codeAt(i: u32) -> i32 {
	let word = weights[i / 64u * 17u + 1u + i % 64u / 4u];
	return extractBits(i32(word), i % 4u * 8u, 8u);
}

fn weightAt(i: u32) -> f32 {
	return f32(codeAt(i)) * scaleAt(i);
}

fn weightQuad(quad: u32) -> vec4f {
	let block = quad / 16u * 17u;
	let codes = unpack4xI8(weights[block + 1u + quad % 16u]);
	return vec4f(codes) * bitcast<f32>(weights[block]);
}
