// Sums over rows, 16 columns by 4 slices of rows in a workgroup: for GPUs.
const SLICES = 4u;
var<workgroup> partial: array<f32, 64>;

fn columnSum(value: f32, local: u32) -> f32 {
	partial[local] = value;
	workgroupBarrier();
	let column = local % 16u;
	return partial[column] + partial[column + 16u] + partial[column + 32u] + partial[column + 48u];
}
