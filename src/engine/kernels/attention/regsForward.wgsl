// Attention forward, one thread per query and head, online softmax, no barriers: for adapters emulated on a CPU and
// for head sizes the tiled kernel does not take. After value*.wgsl: CHUNKS = headDim / VALUE.
const CHUNKS = 8u;

@group(0) @binding(0) var<storage, read> q: array<Value>;
@group(0) @binding(1) var<storage, read> k: array<Value>;
@group(0) @binding(2) var<storage, read> v: array<Value>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read> segments: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<Value>;
@group(0) @binding(6) var<storage, read_write> logSumExp: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let thread = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	// Neighbouring threads take neighbouring queries of one head: they read the same keys.
	if (thread >= params.batch * params.heads * params.queries) {
		return;
	}
	let query = thread % params.queries;
	let head = thread / params.queries % params.heads;
	let sequence = thread / params.queries / params.heads;
	let group = params.heads / params.keyValueHeads;
	let row = sequence * params.queries + query;
	let statistic = row * params.heads + head;
	let own = statistic * CHUNKS;
	let keyStride = params.keyValueHeads * CHUNKS;
	var at = sequence * params.keys * keyStride + head / group * CHUNKS;
	let segment = segmentOf(row);
	let position = i32(segment.x) + positions[row];
	let end = u32(clamp(position + 1, 0, i32(params.keys)));
	let near = select(0u, u32(max(position + 1 - i32(params.window), 0)), params.window != 0u);
	let start = max(segment.x, near);
	var mine: array<Value, CHUNKS>;
	var sum: array<Value, CHUNKS>;
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		mine[c] = q[own + c] * params.scale;
	}
	var largest = -1e30;
	var total = 0.0;
	at += start * keyStride;
	for (var key = start; key < end; key++) {
		var score = 0.0;
		for (var c = 0u; c < CHUNKS; c++) { // unroll
			score += inner(mine[c], k[at + c]);
		}
		let larger = max(largest, score);
		let keep = exp(largest - larger);
		let share = exp(score - larger);
		total = total * keep + share;
		for (var c = 0u; c < CHUNKS; c++) { // unroll
			sum[c] = sum[c] * keep + share * v[at + c];
		}
		largest = larger;
		at += keyStride;
	}
	// A query that sees no key (negative position) gives zero.
	let inverse = select(0.0, 1.0 / total, total != 0.0);
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		out[own + c] = sum[c] * inverse;
	}
	logSumExp[statistic] = largest + log(total);
}
