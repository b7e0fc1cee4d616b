// What the tile of b holds in tiled.wgsl, in half the memory: 8-bit codes (weightFormats/int8.wgsl) are whole numbers,
// which 16-bit floats hold exactly. They meet their scale in 32 bits when they are read, so products and sums are those
// of tileFloat.wgsl. Rows of b are whole blocks of 64: of each row the tile takes elements of one block.
alias Element = f16;

// Of each row of b in the tile: its columns where b is transposed, else its ks.
var<workgroup> scales: array<f32, TILE>;
var<private> columnScales: array<vec4f, QUADS>;

fn elementAt(i: u32) -> Element {
	return Element(codeAt(i));
}

fn fillScales(column: u32, depth: u32, local: u32) {
	let first = select(depth, column, TRANSPOSE_B);
	let within = select(column, depth, TRANSPOSE_B);
	let rows = select(params.depth, params.columns, TRANSPOSE_B);
	let width = select(params.columns, params.depth, TRANSPOSE_B);
	for (var i = local; i < select(DEPTH, TILE, TRANSPOSE_B); i += 64u) {
		scales[i] = scaleAt(min(first + i, rows - 1u) * width + within);
	}
}

// A thread's columns stay the same over the tile.
fn takeScales(threadColumn: u32) {
	if (TRANSPOSE_B) {
		for (var q = 0u; q < QUADS; q++) {
			let at = (q * 8u + threadColumn) * 4u;
			columnScales[q] = vec4f(scales[at], scales[at + 1u], scales[at + 2u], scales[at + 3u]);
		}
	}
}

fn scaled(codes: vec4f, k: u32, q: u32) -> vec4f {
	if (TRANSPOSE_B) {
		return codes * columnScales[q];
	}
	return codes * scales[k];
}
