// Uniforms of every attention kernel, in front of it.
struct Params {
	batch: u32,
	queries: u32,
	keys: u32,
	heads: u32,
	keyValueHeads: u32,
	window: u32, // 0: none
	scale: f32,
}

