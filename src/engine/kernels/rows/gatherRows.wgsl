// out[r, :] = table[indices[r], :], one element per thread; the table by element: kernels/weightFormats/.
struct Params {
	elements: u32,
	width: u32,
	first: u32, // row of the table that its binding begins with
	rows: u32, // of the binding
}
@group(0) @binding(0) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

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
	let row = u32(indices[i / params.width]) - params.first;
	if (row < params.rows) {
		out[i] = weightAt(row * params.width + i % params.width);
	}
}
