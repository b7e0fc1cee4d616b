// AdamW with 8-bit states in place, as in bitsandbytes: one workgroup per block of 256 elements, four elements and one
// word of codes of each moment per thread. Words of states and maps: layout.ts, dynamicMaps.ts; reductions:
// shared/rowTree.wgsl. The gradient is clipped by the norm that lies in `norm`; nothing changes where that norm is not
// finite. Reading, writing and rounding the parameter: kernels/weightFormats/.
const WORDS = 130u; // of a block: 64 of codes of m, 64 of v, largest |m|, largest |v|
const UNSIGNED = 256u; // where the map of v begins
struct Params {
	size: u32, // of the binding of parameter and gradient
	blocks: u32, // to update: from firstBlock on there, from firstStates on in the states
	firstBlock: u32,
	firstStates: u32,
	firstQuad: u32, // of the parameter that its binding begins with
	clip: u32,
	rounding: u32,
	key: u32,
	clipNorm: f32,
	beta1: f32,
	share1: f32, // 1 - beta1
	beta2: f32,
	share2: f32, // 1 - beta2
	rate: f32, // learningRate * sqrt(1 - beta2^step) / (1 - beta1^step)
	floor: f32, // epsilon * sqrt(1 - beta2^step)
	keep: f32, // 1 - learningRate * weightDecay
}
@group(0) @binding(1) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> states: array<u32>;
@group(0) @binding(3) var<storage, read> maps: array<f32>;
@group(0) @binding(4) var<storage, read> norm: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> map: array<f32, 512>;

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

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) lane: u32,
) {
	let block = workgroup.x + workgroup.y * workgroups.x;
	// Infinite or NaN by its bits: drivers may assume that comparisons never meet either.
	let finite = (bitcast<u32>(norm[0]) & 0x7f800000u) != 0x7f800000u;
	if (block >= params.blocks || !finite) {
		return;
	}
	for (var i = lane; i < 512u; i += 64u) {
		map[i] = maps[i];
	}
	workgroupBarrier();
	let quad = (params.firstBlock + block) * 64u + lane;
	let states_start = (params.firstStates + block) * WORDS;
	let word = states_start + lane;
	var first = vec4f(0.0);
	var second = vec4f(0.0);
	if (4u * quad < params.size) {
		var factor = 1.0;
		if (params.clip != 0u) {
			factor = min(1.0, params.clipNorm / (norm[0] + 1e-6));
		}
		let g = gradient[quad] * factor;
		let old_first = values_of(codes_of(states[word]), 0u) * bitcast<f32>(states[states_start + 128u]);
		let old_second =
			values_of(codes_of(states[word + 64u]), UNSIGNED) * bitcast<f32>(states[states_start + 129u]);
		// What lies behind the last element may be anything.
		let inside = 4u * quad + vec4u(0u, 1u, 2u, 3u) < vec4u(params.size);
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
		states[states_start + 128u] = bitcast<u32>(largest_first);
		states[states_start + 129u] = bitcast<u32>(largest_second);
	}
}
