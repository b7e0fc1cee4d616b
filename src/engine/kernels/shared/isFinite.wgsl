// Put before a kernel that must leave as it is what a broken gradient would change.

// By its bits: drivers may assume that comparisons never meet what is infinite or NaN.
fn isFinite(value: f32) -> bool {
	return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}
