// Attention forward: a workgroup takes a block of queries of one head, keys and values pass through workgroup memory,
// for GPUs. Each row's head is split over PARTS threads of 16 numbers; their partial dot products meet in
// workgroup memory. headDim = 16 * PARTS, up to 256.
const PARTS = 2u;
const CHUNKS = 4u * PARTS;
const ROWS = 64u / PARTS;
const TILE = min(16u, 64u / PARTS);

@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read> segments: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> logSumExp: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> keyTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> valueTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> partial: array<f32, TILE * 64u>;
var<workgroup> range: vec2u;

// First and past-the-last key that any query of the block sees.
fn seenRange(sequence: u32, firstQuery: u32) -> vec2u {
	var low = i32(params.keys);
	var high = 0;
	for (var i = firstQuery; i < min(firstQuery + ROWS, params.queries); i++) {
		let row = min(sequence, params.batch - 1u) * params.queries + i;
		let begin = i32(segmentOf(row).x);
		let position = begin + positions[row];
		low = min(low, max(begin, select(0, position + 1 - i32(params.window), params.window != 0u)));
		high = max(high, position + 1);
	}
	return vec2u(vec2i(max(low, 0), min(high, i32(params.keys))));
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let part = local % PARTS;
	let inBlock = local / PARTS;
	let blocks = (params.queries + ROWS - 1u) / ROWS;
	let block = workgroup.x + workgroup.y * workgroups.x;
	let sequenceHead = block / blocks;
	let head = sequenceHead % params.heads;
	let sequence = sequenceHead / params.heads;
	let firstQuery = block % blocks * ROWS;
	let query = firstQuery + inBlock;
	let owns = sequence < params.batch && inBlock < ROWS && query < params.queries;
	let row = select(0u, sequence * params.queries + query, owns);
	let statistic = row * params.heads + head;
	let own = statistic * CHUNKS + part * 4u;
	let group = params.heads / params.keyValueHeads;
	let keyStride = params.keyValueHeads * CHUNKS;
	let base = min(sequence, params.batch - 1u) * params.keys * keyStride + head / group * CHUNKS;
	let begin = i32(segmentOf(row).x);
	let position = select(-1, begin + positions[row], owns);
	let past = position + 1;
	let start = max(begin, select(0, past - i32(params.window), params.window != 0u));
	if (local == 0u) {
		range = seenRange(sequence, firstQuery);
	}
	let bounds = workgroupUniformLoad(&range);
	var mine: array<vec4f, 4>;
	var sum: array<vec4f, 4>;
	for (var c = 0u; c < 4u; c++) {
		mine[c] = q[own + c] * params.scale;
	}
	var largest = -1e30;
	var total = 0.0;
	for (var tile = bounds.x; tile < bounds.y; tile += TILE) {
		workgroupBarrier();
		for (var e = local; e < TILE * CHUNKS; e += 64u) {
			let key = min(tile + e / CHUNKS, params.keys - 1u);
			let at = base + key * keyStride + e % CHUNKS;
			keyTile[e] = k[at];
			valueTile[e] = v[at];
		}
		workgroupBarrier();
		for (var t = 0u; t < TILE; t++) {
			let at = t * CHUNKS + part * 4u;
			partial[t * 64u + local] = dot(mine[0], keyTile[at]) + dot(mine[1], keyTile[at + 1u])
				+ dot(mine[2], keyTile[at + 2u]) + dot(mine[3], keyTile[at + 3u]);
		}
		workgroupBarrier();
		var scores: array<f32, TILE>;
		var larger = largest;
		for (var t = 0u; t < TILE; t++) {
			let key = i32(tile + t);
			var score = 0.0;
			for (var p = 0u; p < PARTS; p++) {
				score += partial[t * 64u + min(inBlock, ROWS - 1u) * PARTS + p];
			}
			scores[t] = select(-1e30, score, key >= start && key < past);
			larger = max(larger, scores[t]);
		}
		let keep = exp(largest - larger);
		total *= keep;
		for (var c = 0u; c < 4u; c++) {
			sum[c] *= keep;
		}
		for (var t = 0u; t < TILE; t++) {
			let key = i32(tile + t);
			let share = select(0.0, exp(scores[t] - larger), key >= start && key < past);
			let at = t * CHUNKS + part * 4u;
			total += share;
			sum[0] += share * valueTile[at];
			sum[1] += share * valueTile[at + 1u];
			sum[2] += share * valueTile[at + 2u];
			sum[3] += share * valueTile[at + 3u];
		}
		largest = larger;
	}
	if (!owns) {
		return;
	}
	// A query that sees no key (negative position) gives zero.
	let inverse = select(0.0, 1.0 / total, total != 0.0);
	for (var c = 0u; c < 4u; c++) {
		out[own + c] = sum[c] * inverse;
	}
	if (part == 0u) {
		logSumExp[statistic] = largest + log(total);
	}
}
