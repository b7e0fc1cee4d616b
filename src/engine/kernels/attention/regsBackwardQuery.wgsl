// Gradient of the queries, one thread per query and head, no barriers. After value*.wgsl: CHUNKS = headDim / VALUE.
const CHUNKS = 8u;

@group(0) @binding(0) var<storage, read> q: array<Value>;
@group(0) @binding(1) var<storage, read> k: array<Value>;
@group(0) @binding(2) var<storage, read> v: array<Value>;
@group(0) @binding(3) var<storage, read> dOut: array<Value>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read> segments: array<u32>;
@group(0) @binding(6) var<storage, read_write> dq: array<Value>;
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
	let end = min(query + 1u, params.keys);
	let near = select(0u, query + 1u - min(params.window, query + 1u), params.window != 0u);
	let start = max(segmentOf(row).x, near);
	var mine: array<Value, CHUNKS>;
	var pull: array<Value, CHUNKS>;
	var sum: array<Value, CHUNKS>;
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		mine[c] = q[own + c] * params.scale;
		pull[c] = dOut[own + c];
	}
	let known = statistics[statistic];
	at += start * keyStride;
	for (var key = start; key < end; key++) {
		var score = 0.0;
		var slope = 0.0;
		for (var c = 0u; c < CHUNKS; c++) { // unroll
			score += inner(mine[c], k[at + c]);
			slope += inner(pull[c], v[at + c]);
		}
		let weight = exp(score - known.x) * (slope - known.y);
		for (var c = 0u; c < CHUNKS; c++) { // unroll
			sum[c] += weight * k[at + c];
		}
		at += keyStride;
	}
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		dq[own + c] = sum[c] * params.scale;
	}
}
