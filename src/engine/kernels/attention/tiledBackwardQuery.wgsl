// Gradient of the queries. Keys and values pass through workgroup memory, for GPUs. Each row's head is split over PARTS threads of 16 numbers; their partial dot products meet in
// workgroup memory. headDim = 16 * PARTS, up to 256.
const PARTS = 2u;
const CHUNKS = 4u * PARTS;
const ROWS = 64u / PARTS;
const TILE = min(8u, 64u / PARTS);

@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> dOut: array<vec4f>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read> segments: array<u32>;
@group(0) @binding(6) var<storage, read_write> dq: array<vec4f>;
@group(0) @binding(7) var<uniform> params: Params;

var<workgroup> keyTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> valueTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> partial: array<vec2f, TILE * 64u>;

// First key that the window lets a query see.
fn nearest(query: u32) -> u32 {
	return select(0u, query + 1u - min(params.window, query + 1u), params.window != 0u);
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
	let firstInPart = min(inBlock, ROWS - 1u) * PARTS;
	var mine: array<vec4f, 4>;
	var pull: array<vec4f, 4>;
	var sum: array<vec4f, 4>;
	for (var c = 0u; c < 4u; c++) {
		mine[c] = q[own + c] * params.scale;
		pull[c] = dOut[own + c];
	}
	let known = statistics[statistic];
	let end = min(firstQuery + ROWS, params.keys);
	// No later query of the block sees an earlier key than its first one does.
	let firstRow = min(sequence, params.batch - 1u) * params.queries + firstQuery;
	let first = max(segmentOf(firstRow).x, nearest(firstQuery));
	let start = max(segmentOf(row).x, nearest(query));
	for (var tile = first; tile < end; tile += TILE) {
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
			var score = 0.0;
			var slope = 0.0;
			for (var c = 0u; c < 4u; c++) {
				score += dot(mine[c], keyTile[at + c]);
				slope += dot(pull[c], valueTile[at + c]);
			}
			partial[t * 64u + local] = vec2f(score, slope);
		}
		workgroupBarrier();
		for (var t = 0u; t < TILE; t++) {
			let key = tile + t;
			var both = vec2f();
			for (var p = 0u; p < PARTS; p++) {
				both += partial[t * 64u + firstInPart + p];
			}
			let seen = key >= start && key <= query;
			let share = select(0.0, exp(select(0.0, both.x - known.x, seen)), seen);
			let weight = share * (both.y - known.y);
			let at = t * CHUNKS + part * 4u;
			for (var c = 0u; c < 4u; c++) {
				sum[c] += weight * keyTile[at + c];
			}
		}
	}
	if (!owns) {
		return;
	}
	for (var c = 0u; c < 4u; c++) {
		dq[own + c] = sum[c] * params.scale;
	}
}
