// Second half: the first row of each index owns its target row and adds the chained rows in order, so the
// result does not depend on timing and needs no float atomics. One (row, column) per thread.
struct Params {
	elements: u32,
	width: u32,
	rows: u32,
	first: u32, // row of the target that its binding begins with
	targetRows: u32, // of the binding
}
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> links: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let i = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (i >= params.elements) {
		return;
	}
	var row = i / params.width;
	if (links[2u * row] == 0u) {
		return;
	}
	let target_row = u32(indices[row]) - params.first;
	if (target_row >= params.targetRows) {
		return;
	}
	let column = i % params.width;
	let at = target_row * params.width + column;
	var sum = out[at];
	while (row < params.rows) {
		sum += dy[row * params.width + column];
		row = links[2u * row + 1u];
	}
	out[at] = sum;
}
