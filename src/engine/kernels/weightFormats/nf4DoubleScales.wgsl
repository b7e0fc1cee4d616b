// Where the codes of a block lie and its scale, for nf4.wgsl: the scale is a code of 8 bits (nf4Double.ts).
fn codesAt(block: u32) -> u32 {
	return weights[2] + block * 8u;
}

fn scaleOf(block: u32) -> f32 {
	let code = extractBits(weights[weights[1] + block / 4u], block % 4u * 8u, 8u);
	let share = bitcast<f32>(weights[4u + code]);
	return share * bitcast<f32>(weights[260u + block / 256u]) + bitcast<f32>(weights[0]);
}
