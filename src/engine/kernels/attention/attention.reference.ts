/** Causal grouped-query attention with an optional sliding window, all probabilities written out. */
import type { AttentionShape } from '../../ops.ts';

type Values = ArrayLike<number>;

/** Index helpers for one head: flat offsets of its query, key and value rows. */
function offsets(shape: AttentionShape, batch: number, head: number) {
	const { queries, keys, heads, keyValueHeads, headDim } = shape;
	const keyValueHead = Math.floor(head / (heads / keyValueHeads));
	return {
		query: (i: number) => ((batch * queries + i) * heads + head) * headDim,
		key: (j: number) => ((batch * keys + j) * keyValueHeads + keyValueHead) * headDim,
		row: (i: number) => (batch * queries + i) * heads + head,
	};
}

/** `begin`: first key of the query's segment, `position`: the key the query sits at. */
const visible = (key: number, begin: number, position: number, window: number | null) =>
	key >= begin && key <= position && (window === null || key > position - window);

function eachHead(shape: AttentionShape, visit: (batch: number, head: number) => void) {
	for (let b = 0; b < shape.batch; b++) for (let h = 0; h < shape.heads; h++) visit(b, h);
}

function dot(a: Values, aAt: number, b: Values, bAt: number, length: number): number {
	let sum = 0;
	for (let d = 0; d < length; d++) sum += a[aAt + d]! * b[bAt + d]!;
	return sum;
}

/** out = softmax(q kᵀ / sqrt(headDim)) v over the visible keys; logSumExp of the scaled scores. */
export function attention(
	q: Values,
	k: Values,
	v: Values,
	positions: Values,
	shape: AttentionShape,
	segments: Values | null = null,
) {
	const { queries, keys, headDim, window } = shape;
	const out = new Float32Array(q.length);
	const logSumExp = new Float32Array(shape.batch * queries * shape.heads);
	eachHead(shape, (b, h) => {
		const at = offsets(shape, b, h);
		for (let i = 0; i < queries; i++) {
			const row = b * queries + i;
			const begin = segments?.[2 * row] ?? 0;
			const position = begin + positions[row]!;
			const scores: number[] = [];
			for (let j = 0; j < keys; j++)
				scores.push(
					visible(j, begin, position, window)
						? dot(q, at.query(i), k, at.key(j), headDim) / Math.sqrt(headDim)
						: -Infinity,
				);
			const largest = scores.reduce((a, s) => Math.max(a, s), -Infinity);
			const total = scores.reduce((sum, s) => sum + Math.exp(s - largest), 0);
			logSumExp[at.row(i)] = largest + Math.log(total);
			for (let d = 0; d < headDim; d++) {
				let sum = 0;
				for (let j = 0; j < keys; j++)
					if (scores[j] !== -Infinity)
						sum += (Math.exp(scores[j]! - largest) / total) * v[at.key(j) + d]!;
				out[at.query(i) + d] = sum;
			}
		}
	});
	return { out, logSumExp };
}

/**
 * With P the probabilities, D_i = sum_d dO_i O_i: dS = P * (dO vᵀ - D) / sqrt(headDim),
 * dq = dS k, dk = dSᵀ q, dv = Pᵀ dO. Query i sits at key i.
 */
export function attentionBackward(
	dOut: Values,
	forward: { q: Values; k: Values; v: Values; out: Values; logSumExp: Values },
	shape: AttentionShape,
	segments: Values | null = null,
) {
	const { q, k, v, out, logSumExp } = forward;
	const { queries, headDim, window } = shape;
	const scale = 1 / Math.sqrt(headDim);
	const dq = new Float64Array(q.length);
	const dk = new Float64Array(k.length);
	const dv = new Float64Array(v.length);
	eachHead(shape, (b, h) => {
		const at = offsets(shape, b, h);
		for (let i = 0; i < queries; i++) {
			const query = at.query(i);
			const begin = segments?.[2 * (b * queries + i)] ?? 0;
			const rowDot = dot(dOut, query, out, query, headDim);
			for (let j = 0; j < queries; j++) {
				if (!visible(j, begin, i, window)) continue;
				const key = at.key(j);
				const p = Math.exp(dot(q, query, k, key, headDim) * scale - logSumExp[at.row(i)]!);
				const dScore = p * (dot(dOut, query, v, key, headDim) - rowDot) * scale;
				for (let d = 0; d < headDim; d++) {
					dq[query + d]! += dScore * k[key + d]!;
					dk[key + d]! += dScore * q[query + d]!;
					dv[key + d]! += p * dOut[query + d]!;
				}
			}
		}
	});
	return { dq: Float32Array.from(dq), dk: Float32Array.from(dk), dv: Float32Array.from(dv) };
}
