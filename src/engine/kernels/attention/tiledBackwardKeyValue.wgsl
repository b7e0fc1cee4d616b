// Gradients of keys and values, summed over the query heads of each key/value head. Queries and their gradients pass
// through workgroup memory, for GPUs. Each row's head is split over PARTS threads of 16 numbers; their partial dot products meet in
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
@group(0) @binding(6) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dv: array<vec4f>;
@group(0) @binding(8) var<uniform> params: Params;

var<workgroup> queryTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> slopeTile: array<vec4f, TILE * CHUNKS>;
var<workgroup> knownTile: array<vec2f, TILE>;
var<workgroup> partial: array<vec2f, TILE * 64u>;

// Past the last query that sees a key; `queryRow`: first row of the sequence.
fn pastSeen(queryRow: u32, key: u32) -> u32 {
	let past = segmentOf(queryRow + key).y;
	return select(min(key + params.window, past), past, params.window == 0u);
}

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) workgroup: vec3u,
	@builtin(num_workgroups) workgroups: vec3u,
	@builtin(local_invocation_index) local: u32,
) {
	let part = local % PARTS;
	let inBlock = local / PARTS;
	let firstInPart = min(inBlock, ROWS - 1u) * PARTS;
	let blocks = (params.keys + ROWS - 1u) / ROWS;
	let block = workgroup.x + workgroup.y * workgroups.x;
	let sequenceHead = block / blocks;
	let keyHead = sequenceHead % params.keyValueHeads;
	let sequence = sequenceHead / params.keyValueHeads;
	let firstKey = block % blocks * ROWS;
	let key = firstKey + inBlock;
	let owns = sequence < params.batch && inBlock < ROWS && key < params.keys;
	let group = params.heads / params.keyValueHeads;
	let row = select(0u, sequence * params.keys + key, owns);
	let own = (row * params.keyValueHeads + keyHead) * CHUNKS + part * 4u;
	let queryRow = min(sequence, params.batch - 1u) * params.queries;
	var mine: array<vec4f, 4>;
	var value: array<vec4f, 4>;
	var sumKey: array<vec4f, 4>;
	var sumValue: array<vec4f, 4>;
	for (var c = 0u; c < 4u; c++) {
		mine[c] = k[own + c] * params.scale;
		value[c] = v[own + c];
	}
	// No earlier key of the block is seen by a later query than its last one is.
	let lastKey = min(firstKey + ROWS, params.keys) - 1u;
	let end = pastSeen(queryRow, lastKey);
	let past = pastSeen(queryRow, min(key, lastKey));
	for (var member = 0u; member < group; member++) {
		let head = keyHead * group + member;
		for (var tile = firstKey; tile < end; tile += TILE) {
			workgroupBarrier();
			for (var e = local; e < TILE * CHUNKS; e += 64u) {
				let query = min(tile + e / CHUNKS, params.queries - 1u);
				let statistic = (queryRow + query) * params.heads + head;
				queryTile[e] = q[statistic * CHUNKS + e % CHUNKS];
				slopeTile[e] = dOut[statistic * CHUNKS + e % CHUNKS];
				if (e % CHUNKS == 0u) {
					knownTile[e / CHUNKS] = statistics[statistic];
				}
			}
			workgroupBarrier();
			for (var t = 0u; t < TILE; t++) {
				let at = t * CHUNKS + part * 4u;
				var score = 0.0;
				var slope = 0.0;
				for (var c = 0u; c < 4u; c++) {
					score += dot(mine[c], queryTile[at + c]);
					slope += dot(value[c], slopeTile[at + c]);
				}
				partial[t * 64u + local] = vec2f(score, slope);
			}
			workgroupBarrier();
			for (var t = 0u; t < TILE; t++) {
				let query = tile + t;
				var both = vec2f();
				for (var p = 0u; p < PARTS; p++) {
					both += partial[t * 64u + firstInPart + p];
				}
				let seen = query >= key && query < past;
				let known = knownTile[t];
				let share = select(0.0, exp(select(0.0, both.x - known.x, seen)), seen);
				let weight = share * (both.y - known.y);
				let at = t * CHUNKS + part * 4u;
				for (var c = 0u; c < 4u; c++) {
					sumValue[c] += share * slopeTile[at + c];
					sumKey[c] += weight * queryTile[at + c];
				}
			}
		}
	}
	if (!owns) {
		return;
	}
	for (var c = 0u; c < 4u; c++) {
		dk[own + c] = sumKey[c] * params.scale;
		dv[own + c] = sumValue[c];
	}
}
