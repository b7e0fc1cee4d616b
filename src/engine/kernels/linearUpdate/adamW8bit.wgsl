// AdamW with 8-bit states as the second half of linearUpdate.wgsl. Rows are whole blocks; the states may be split within
// a row, whose blocks are then updated by two dispatches.
struct Params {
	width: u32, // quads of a row of the weight
	depth: u32, // rows of x and dy
	stride: u32, // elements of a row of dy, of which the window's rows take those from `offset` on
	offset: u32,
	firstRow: u32, // of the window: rows to update
	endRow: u32,
	firstPart: u32, // of `norms`
	firstQuad: u32, // of the parameter that its binding begins with
	rounding: u32,
	key: u32,
	firstBlock: u32, // of the window: blocks to update
	endBlock: u32,
	firstStates: u32, // block of the binding of the states that belongs to firstBlock
	beta1: f32,
	share1: f32, // 1 - beta1
	beta2: f32,
	share2: f32, // 1 - beta2
	rate: f32, // learningRate * sqrt(1 - beta2^step) / (1 - beta1^step)
	floor: f32, // epsilon * sqrt(1 - beta2^step)
	keep: f32, // 1 - learningRate * weightDecay
}

fn owns(row: u32, column: u32) -> bool {
	let block = row * (params.width / 64u) + column;
	return block >= params.firstBlock && block < params.endBlock;
}

fn begin(lane: u32) {
	load_map(lane);
}

fn update(quad: u32, g: vec4f, inside: bool, lane: u32) {
	let block = params.firstStates + quad / 64u - params.firstBlock;
	step_block(quad, g, vec4<bool>(true), block * WORDS, lane);
}
