enable subgroups;
// As rowTree.wgsl, with sums of whole subgroups: two barriers instead of seven. Their size and which threads they hold are
// the device's affair: the first thread of each writes for all, at its own place.
const LANES = 64u;
var<workgroup> partial: array<f32, 64>;

fn rowSum(value: f32, lane: u32) -> f32 {
	let place = subgroupExclusiveAdd(1u);
	let size = subgroupAdd(1u);
	let own = subgroupAdd(value);
	workgroupBarrier();
	partial[lane] = select(0.0, own, place == 0u);
	workgroupBarrier();
	var sum = 0.0;
	for (var i = place; i < LANES; i += size) {
		sum += partial[i];
	}
	return subgroupAdd(sum);
}

fn rowMax(value: f32, lane: u32) -> f32 {
	let place = subgroupExclusiveAdd(1u);
	let size = subgroupAdd(1u);
	let own = subgroupMax(value);
	workgroupBarrier();
	partial[lane] = own;
	workgroupBarrier();
	var largest = own;
	for (var i = place; i < LANES; i += size) {
		largest = max(largest, partial[i]);
	}
	return subgroupMax(largest);
}
