// First half of scatterAddRows: chains equal indices. links[2r] is 1 where r is the first row of its index,
// links[2r + 1] the next row with the same index (`rows` where there is none).
struct Params {
	rows: u32,
}
@group(0) @binding(0) var<storage, read> indices: array<i32>;
@group(0) @binding(1) var<storage, read_write> links: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let row = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (row >= params.rows) {
		return;
	}
	let index = indices[row];
	var first = select(0u, 1u, index >= 0);
	var next = params.rows;
	for (var other = 0u; other < params.rows; other++) {
		if (indices[other] == index) {
			if (other < row) {
				first = 0u;
			} else if (other > row && next == params.rows) {
				next = other;
			}
		}
	}
	links[2u * row] = first;
	links[2u * row + 1u] = next;
}
