// Index of the largest value of each row, the first where several are equal; one workgroup per row.
struct Params {
	rows: u32,
	width: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<i32>;
@group(0) @binding(2) var<uniform> params: Params;

var<workgroup> values: array<f32, 64>;
var<workgroup> places: array<u32, 64>;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let row = workgroup.x + workgroup.y * workgroups.x;
	let width = select(0u, params.width, row < params.rows);
	var best = -3.4e38;
	var place = 0xffffffffu;
	for (var i = local; i < width; i += 64u) {
		let value = x[row * params.width + i];
		if (value > best || place == 0xffffffffu) {
			best = value;
			place = i;
		}
	}
	values[local] = best;
	places[local] = place;
	workgroupBarrier();
	if (local == 0u && row < params.rows) {
		for (var other = 1u; other < min(64u, params.width); other++) {
			if (values[other] > best || (values[other] == best && places[other] < place)) {
				best = values[other];
				place = places[other];
			}
		}
		out[row] = i32(place);
	}
}
