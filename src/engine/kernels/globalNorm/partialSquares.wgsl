// Sum of squares of each 4096 elements of a tensor, written from `offset` on into the list of all partial sums.
struct Params {
	size: u32,
	groups: u32,
	offset: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let group = workgroup.x + workgroup.y * workgroups.x;
	let end = select(0u, min(params.size, (group + 1u) * 4096u), group < params.groups);
	var sum = 0.0;
	for (var i = group * 4096u + local; i < end; i += 64u) {
		let value = x[i];
		sum += value * value;
	}
	sum = rowSum(sum, local);
	if (local == 0u && group < params.groups) {
		sums[params.offset + group] = sum;
	}
}
