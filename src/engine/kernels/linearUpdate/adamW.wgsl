// AdamW with moments in float32 as the second half of linearUpdate.wgsl.
struct Params {
	width: u32, // quads of a row of the weight
	depth: u32, // rows of x and dy
	stride: u32, // elements of a row of dy, of which the window's rows take those from `offset` on
	offset: u32,
	firstRow: u32, // of the window: rows to update
	endRow: u32,
	firstPart: u32, // of `norms`
	first: u32, // quad of the parameter that its binding begins with
	rounding: u32,
	key: u32,
	beta1: f32,
	beta2: f32,
	epsilon: f32,
	keepBefore: f32, // 1 - learningRate * weightDecay where the decay comes before the step, else 1
	keepAfter: f32, // the same where it comes after it
	rate: f32, // learningRate / (1 - beta1^step)
	unbias: f32, // 1 / sqrt(1 - beta2^step)
	oneMinusBeta1: f32,
	oneMinusBeta2: f32,
}

fn owns(row: u32, column: u32) -> bool {
	return row < params.endRow;
}

fn begin(lane: u32) {}

fn update(quad: u32, g: vec4f, inside: bool, lane: u32) {
	if (inside) {
		stepQuad(quad, g);
	}
}
