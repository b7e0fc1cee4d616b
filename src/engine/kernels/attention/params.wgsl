// Uniforms of every attention kernel, in front of it.
struct Params {
	batch: u32,
	queries: u32,
	keys: u32,
	heads: u32,
	keyValueHeads: u32,
	window: u32, // 0: none
	segmented: u32, // 0: a sequence is one segment, and nothing reads `segments`
	scale: f32,
}

// First and past-the-last key of the segment that a row of its sequence belongs to.
fn segmentOf(row: u32) -> vec2u {
	if (params.segmented == 0u) {
		return vec2u(0u, params.keys);
	}
	return vec2u(segments[2u * row], segments[2u * row + 1u]);
}

