// Gradients of keys and values, one thread per key and key/value head, summed over the query heads of its group; no
// barriers. After value*.wgsl: CHUNKS = headDim / VALUE.
const CHUNKS = 8u;

@group(0) @binding(0) var<storage, read> q: array<Value>;
@group(0) @binding(1) var<storage, read> k: array<Value>;
@group(0) @binding(2) var<storage, read> v: array<Value>;
@group(0) @binding(3) var<storage, read> dOut: array<Value>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read> segments: array<u32>;
@group(0) @binding(6) var<storage, read_write> dk: array<Value>;
@group(0) @binding(7) var<storage, read_write> dv: array<Value>;
@group(0) @binding(8) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let thread = (workgroup.x + workgroup.y * workgroups.x) * 64u + local;
	if (thread >= params.batch * params.keyValueHeads * params.keys) {
		return;
	}
	let key = thread % params.keys;
	let keyHead = thread / params.keys % params.keyValueHeads;
	let sequence = thread / params.keys / params.keyValueHeads;
	let group = params.heads / params.keyValueHeads;
	let own = ((sequence * params.keys + key) * params.keyValueHeads + keyHead) * CHUNKS;
	var mine: array<Value, CHUNKS>;
	var value: array<Value, CHUNKS>;
	var sumKey: array<Value, CHUNKS>;
	var sumValue: array<Value, CHUNKS>;
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		mine[c] = k[own + c] * params.scale;
		value[c] = v[own + c];
	}
	// Neighbouring keys start at the same query, so that their threads read the same memory; what they do not see
	// counts zero.
	let start = key & ~15u;
	let past = segmentOf(sequence * params.keys + key).y;
	let last = select(past, min(key + params.window, past), params.window != 0u);
	for (var member = 0u; member < group; member++) {
		let head = keyHead * group + member;
		for (var query = start; query < last; query++) {
			let statistic = (sequence * params.queries + query) * params.heads + head;
			let at = statistic * CHUNKS;
			var score = 0.0;
			var slope = 0.0;
			for (var c = 0u; c < CHUNKS; c++) { // unroll
				score += inner(mine[c], q[at + c]);
				slope += inner(value[c], dOut[at + c]);
			}
			let seen = query >= key;
			let known = statistics[statistic];
			let share = select(0.0, exp(select(0.0, score - known.x, seen)), seen);
			let weight = share * (slope - known.y);
			for (var c = 0u; c < CHUNKS; c++) { // unroll
				sumValue[c] += share * dOut[at + c];
				sumKey[c] += weight * q[at + c];
			}
		}
	}
	for (var c = 0u; c < CHUNKS; c++) { // unroll
		dk[own + c] = sumKey[c] * params.scale;
		dv[own + c] = sumValue[c];
	}
}
