// Square root of the sum of all partial sums, one workgroup, fixed order.
struct Params {
	count: u32,
}
@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> norm: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
	var sum = 0.0;
	for (var i = local; i < params.count; i += 64u) {
		sum += sums[i];
	}
	sum = rowSum(sum, local);
	if (local == 0u) {
		norm[0] = sqrt(sum);
	}
}
