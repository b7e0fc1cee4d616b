// dWeight[c] (+)= sum over rows of dy * x * inverseRms, each column by SLICES threads (shared/column*.wgsl).
struct Params {
	rows: u32,
	width: u32,
	accumulate: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> inverseRms: array<f32>;
@group(0) @binding(3) var<storage, read_write> total: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

const COLUMNS = 64u / SLICES;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let group = workgroup.x + workgroup.y * workgroups.x;
	let column = group * COLUMNS + local % COLUMNS;
	let slice = local / COLUMNS;
	let rows = select(0u, params.rows, column < params.width);
	var sum = 0.0;
	for (var row = slice; row < rows; row += SLICES) {
		let at = row * params.width + column;
		sum += dy[at] * x[at] * inverseRms[row];
	}
	var value = columnSum(sum, local);
	if (slice == 0u && column < params.width) {
		if (params.accumulate != 0u) {
			value += total[column];
		}
		total[column] = value;
	}
}
