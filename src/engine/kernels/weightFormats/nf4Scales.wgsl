// Where the codes of a block lie and its scale, for nf4.wgsl: the scale is a float32 before the codes (formats.ts).
fn codesAt(block: u32) -> u32 {
	return block * 9u + 1u;
}

fn scaleOf(block: u32) -> f32 {
	return bitcast<f32>(weights[block * 9u]);
}
