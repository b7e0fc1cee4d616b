// loss = log(sum(exp(z - max))) + max - z[label] per row; z becomes scale * (softmax - onehot) where asked.
// Rows without a label (negative): loss 0 and gradient 0. A row per LANES threads (shared/row*.wgsl).
struct Params {
	rows: u32,
	width: u32,
	gradient: u32,
	scale: f32,
}
@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let thread = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	let row = thread / LANES;
	let lane = thread % LANES;
	let inside = row < params.rows;
	let start = row * params.width;
	let label = labels[min(row, params.rows - 1u)];
	let counts = inside && label >= 0;
	let width = select(0u, params.width, counts);
	// Read before the reductions, whose barriers keep it ahead of every write below.
	let chosen = logits[start + u32(max(label, 0))];
	var largest = -1e30;
	for (var i = lane; i < width; i += LANES) {
		largest = max(largest, logits[start + i]);
	}
	largest = rowMax(largest, lane);
	var sum = 0.0;
	for (var i = lane; i < width; i += LANES) {
		sum += exp(logits[start + i] - largest);
	}
	sum = rowSum(sum, lane);
	if (!inside) {
		return;
	}
	if (lane == 0u) {
		losses[row] = select(0.0, log(sum) + largest - chosen, counts);
	}
	if (params.gradient == 0u) {
		return;
	}
	if (!counts) {
		for (var i = lane; i < params.width; i += LANES) {
			logits[start + i] = 0.0;
		}
		return;
	}
	let scale = params.scale / sum;
	for (var i = lane; i < width; i += LANES) {
		let value = exp(logits[start + i] - largest) * scale;
		logits[start + i] = value - select(0.0, params.scale, i == u32(label));
	}
}
