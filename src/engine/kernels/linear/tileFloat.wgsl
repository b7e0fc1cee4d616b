// The tile of b for tiled.wgsl as it is multiplied; b by element: kernels/weightFormats/.
var<workgroup> right: array<vec4f, DEPTH * STRIDE>;

fn loadB(k: u32, column: u32) -> f32 {
	if (column >= params.columns || k >= params.depth) {
		return 0.0;
	}
	return weightAt(select(k * params.columns + column, column * params.depth + k, TRANSPOSE_B));
}

// Threads next to each other read elements next to each other, whichever way the matrix lies.
fn fillRight(column: u32, depth: u32, local: u32) {
	for (var e = local; e < DEPTH * TILE_QUADS; e += 64u) {
		let k = select(e / TILE_QUADS, e % DEPTH, TRANSPOSE_B);
		let quad = select(e % TILE_QUADS, e / DEPTH, TRANSPOSE_B);
		let j = column + quad * 4u;
		let at = depth + k;
		right[k * STRIDE + quad] =
			vec4f(loadB(at, j), loadB(at, j + 1u), loadB(at, j + 2u), loadB(at, j + 3u));
	}
}

// What is in the tile has its scale.
fn takeScales(threadColumn: u32) {
}

fn rightQuad(k: u32, q: u32, threadColumn: u32) -> vec4f {
	return right[k * STRIDE + q * 8u + threadColumn];
}
