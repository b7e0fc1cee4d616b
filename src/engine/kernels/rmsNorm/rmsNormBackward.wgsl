// dx_i (+)= r * w_i * dy_i - x_i * r³ / width * sum_j(dy_j * w_j * x_j), with r the stored inverse RMS.
struct Params {
	rows: u32,
	width: u32,
	accumulate: u32,
}
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> inverseRms: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let thread = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	let row = thread / LANES;
	let lane = thread % LANES;
	let width = select(0u, params.width, row < params.rows);
	let start = row * params.width;
	let scale = inverseRms[min(row, params.rows - 1u)];
	var sum = 0.0;
	for (var i = lane; i < width; i += LANES) {
		sum += dy[start + i] * weight[i] * x[start + i];
	}
	let pull = rowSum(sum, lane) * scale * scale * scale / f32(params.width);
	for (var i = lane; i < width; i += LANES) {
		var value = dy[start + i] * weight[i] * scale - x[start + i] * pull;
		if (params.accumulate != 0u) {
			value += dx[start + i];
		}
		dx[start + i] = value;
	}
}
