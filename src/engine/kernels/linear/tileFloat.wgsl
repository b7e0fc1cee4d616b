// What the tile of b holds in tiled.wgsl: b as it is multiplied, by element (kernels/weightFormats/).
alias Element = f32;

fn elementAt(i: u32) -> Element {
	return weightAt(i);
}

fn fillScales(column: u32, depth: u32, local: u32) {
}

fn takeScales(threadColumn: u32) {
}

fn scaled(quad: vec4f, k: u32, q: u32) -> vec4f {
	return quad;
}
