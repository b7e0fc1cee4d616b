// The tile of b for tiled.wgsl in half the memory: 8-bit codes (weightFormats/int8.wgsl) are whole numbers, which 16-bit
// floats hold exactly. They meet their scale in 32 bits when they are read, so products and sums are those of
// tileFloat.wgsl. Rows of b are whole blocks of 64: of each row the tile takes elements of one block.
var<workgroup> right: array<vec4<f16>, DEPTH * STRIDE>;
// Of each row of b in the tile: its columns where b is transposed, else its ks.
var<workgroup> scales: array<f32, TILE>;
var<private> columnScales: array<vec4f, QUADS>;

fn loadB(k: u32, column: u32) -> f16 {
	if (column >= params.columns || k >= params.depth) {
		return 0.0h;
	}
	return f16(codeAt(select(k * params.columns + column, column * params.depth + k, TRANSPOSE_B)));
}

fn fillRight(column: u32, depth: u32, local: u32) {
	for (var e = local; e < DEPTH * TILE_QUADS; e += 64u) {
		let k = select(e / TILE_QUADS, e % DEPTH, TRANSPOSE_B);
		let quad = select(e % TILE_QUADS, e / DEPTH, TRANSPOSE_B);
		let j = column + quad * 4u;
		let at = depth + k;
		right[k * STRIDE + quad] =
			vec4<f16>(loadB(at, j), loadB(at, j + 1u), loadB(at, j + 2u), loadB(at, j + 3u));
	}
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

fn rightQuad(k: u32, q: u32, threadColumn: u32) -> vec4f {
	let codes = vec4f(right[k * STRIDE + q * 8u + threadColumn]);
	if (TRANSPOSE_B) {
		return codes * columnScales[q];
	}
	return codes * scales[k];
}
