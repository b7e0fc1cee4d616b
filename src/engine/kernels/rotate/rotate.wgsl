// Rotary embedding in place, rotate-half layout: pair (i, i + headDim/2) turns by position * frequency.
struct Params {
	pairs: u32, // rows * heads * headDim / 2
	heads: u32,
	half: u32, // headDim / 2
	direction: f32,
}
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read> positions: array<i32>;
@group(0) @binding(2) var<storage, read> inverseFrequency: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// WGSL promises sin and cos only to 2^-11 within ±π; positions in the thousands need better. Reduction to
// ±π/4 in three exact steps and the polynomials of Cephes' sinf/cosf: error below 1e-7.
fn cosineSine(angle: f32) -> vec2f {
	let turns = round(angle * 0.636619772367581);
	let r = ((angle - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.549789948768648e-8;
	let z = r * r;
	let sine = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
	let cosine = 1.0 - 0.5 * z
		+ z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
	let quadrant = u32(i32(turns)) & 3u;
	let swapped = select(vec2f(cosine, sine), vec2f(sine, cosine), (quadrant & 1u) == 1u);
	let signs = vec2f(
		select(1.0, -1.0, quadrant == 1u || quadrant == 2u),
		select(1.0, -1.0, quadrant >= 2u),
	);
	return swapped * signs;
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let pair = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (pair >= params.pairs) {
		return;
	}
	let i = pair % params.half;
	let headRow = pair / params.half;
	let angle = f32(positions[headRow / params.heads]) * inverseFrequency[i];
	let turn = cosineSine(angle) * vec2f(1.0, params.direction);
	let at = headRow * params.half * 2u + i;
	let a = x[at];
	let b = x[at + params.half];
	x[at] = a * turn.x - b * turn.y;
	x[at + params.half] = b * turn.x + a * turn.y;
}
