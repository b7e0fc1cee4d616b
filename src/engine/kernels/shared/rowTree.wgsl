// Sums over one row by a workgroup of 64 threads: for GPUs. Put before a kernel that works row by row.
const LANES = 64u;
var<workgroup> partial: array<f32, 64>;

fn rowSum(value: f32, lane: u32) -> f32 {
	workgroupBarrier();
	partial[lane] = value;
	workgroupBarrier();
	for (var half = 32u; half > 0u; half >>= 1u) {
		if (lane < half) {
			partial[lane] += partial[lane + half];
		}
		workgroupBarrier();
	}
	return partial[0];
}

fn rowMax(value: f32, lane: u32) -> f32 {
	workgroupBarrier();
	partial[lane] = value;
	workgroupBarrier();
	for (var half = 32u; half > 0u; half >>= 1u) {
		if (lane < half) {
			partial[lane] = max(partial[lane], partial[lane + half]);
		}
		workgroupBarrier();
	}
	return partial[0];
}
