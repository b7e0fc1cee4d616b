// A matrix of 4-bit codes in blocks of 64 with a scale (nf4Scales.wgsl, nf4DoubleScales.wgsl), by element and by four.
// Levels: nf4Levels.ts.
@group(0) @binding(1) var<storage, read> weights: array<u32>;
const levels = array<f32, 16>(
	-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
	-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
	0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
	0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
);

fn weightAt(i: u32) -> f32 {
	let block = i / 64u;
	let word = weights[codesAt(block) + i % 64u / 8u];
	return levels[extractBits(word, i % 8u * 4u, 4u)] * scaleOf(block);
}

fn weightQuad(quad: u32) -> vec4f {
	let block = quad / 16u;
	let word = weights[codesAt(block) + quad % 16u / 2u];
	let codes = (vec4u(word >> (quad % 2u * 16u)) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
	let values = vec4f(levels[codes.x], levels[codes.y], levels[codes.z], levels[codes.w]);
	return values * scaleOf(block);
}
