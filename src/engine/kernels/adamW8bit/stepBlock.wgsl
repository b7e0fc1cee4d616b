// The step of AdamW with 8-bit states for a block of 256 elements, in place, by one workgroup: four elements and one word of
// codes of each moment per thread. Words of states and maps: layout.ts, dynamicMaps.ts; reductions: shared/rowTree.wgsl.
// Put before a kernel that has the gradient and whose params are those used here. Reading, writing and rounding the
// parameter: kernels/weightFormats/.
const WORDS = 130u; // of a block: 64 of codes of m, 64 of v, largest |m|, largest |v|
const UNSIGNED = 256u; // where the map of v begins
@group(0) @binding(2) var<storage, read_write> states: array<u32>;
@group(0) @binding(3) var<storage, read> maps: array<f32>;

var<workgroup> map: array<f32, 512>;

/// Before the first block.
fn load_map(lane: u32) {
	for (var i = lane; i < 512u; i += 64u) {
		map[i] = maps[i];
	}
	workgroupBarrier();
}

fn codes_of(word: u32) -> vec4u {
	return (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
}

fn word_of(codes: vec4u) -> u32 {
	return codes.x | (codes.y << 8u) | (codes.z << 16u) | (codes.w << 24u);
}

fn values_of(codes: vec4u, start: u32) -> vec4f {
	return vec4f(map[start + codes.x], map[start + codes.y], map[start + codes.z], map[start + codes.w]);
}

/// Code of the value nearest to x in the ascending map from `start` on.
fn nearest(x: f32, start: u32) -> u32 {
	var pivot = 127u;
	var lower = 0u;
	var upper = 255u;
	for (var step = 64u; step > 0u; step >>= 1u) {
		let above = x > map[start + pivot];
		lower = select(lower, pivot, above);
		upper = select(pivot, upper, above);
		pivot = select(pivot - step, pivot + step, above);
	}
	let value = map[start + pivot];
	if (x > value) {
		return select(pivot, upper, x > 0.5 * (map[start + upper] + value));
	}
	return select(pivot, lower, x < 0.5 * (map[start + lower] + value));
}

/// Never of the other sign: then its neighbour's.
fn signed_code(m: f32, largest: f32) -> u32 {
	let code = nearest(m / largest, 0u);
	let turned = ((bitcast<u32>(map[code]) ^ bitcast<u32>(m)) >> 31u) != 0u;
	return select(code, select(code - 1u, code + 1u, m > 0.0), turned);
}

/// Quad of the parameter by its gradient, with the block's states from word `start` on; of the elements that are not
/// inside nothing is kept.
fn step_block(quad: u32, g: vec4f, inside: vec4<bool>, start: u32, lane: u32) {
	let word = start + lane;
	var first = vec4f(0.0);
	var second = vec4f(0.0);
	if (any(inside)) {
		let old_first = values_of(codes_of(states[word]), 0u) * bitcast<f32>(states[start + 128u]);
		let old_second =
			values_of(codes_of(states[word + 64u]), UNSIGNED) * bitcast<f32>(states[start + 129u]);
		first = select(vec4f(0.0), old_first * params.beta1 + params.share1 * g, inside);
		second = select(vec4f(0.0), old_second * params.beta2 + params.share2 * g * g, inside);
		let moved = parameterQuad(quad) - params.rate * (first / (sqrt(second) + params.floor));
		writeParameter(quad, decayed(moved, params.keep, params.firstQuad + quad));
	}
	let magnitudes = abs(first);
	// Their barriers keep the reads of the old ones ahead of the writes.
	let largest_first =
		rowMax(max(max(magnitudes.x, magnitudes.y), max(magnitudes.z, magnitudes.w)), lane);
	let largest_second = rowMax(max(max(second.x, second.y), max(second.z, second.w)), lane);
	// In a block of zeros every code stands for 0.
	let first_scale = select(largest_first, 1.0, largest_first == 0.0);
	let second_scale = select(largest_second, 1.0, largest_second == 0.0);
	var first_codes: vec4u;
	var second_codes: vec4u;
	for (var i = 0u; i < 4u; i++) {
		first_codes[i] = signed_code(first[i], first_scale);
		second_codes[i] = nearest(second[i] / second_scale, UNSIGNED);
	}
	states[word] = word_of(first_codes);
	states[word + 64u] = word_of(second_codes);
	if (lane == 0u) {
		states[start + 128u] = bitcast<u32>(largest_first);
		states[start + 129u] = bitcast<u32>(largest_second);
	}
}
