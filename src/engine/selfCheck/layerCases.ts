/** Self-check of norms, attention, gate, rotation and rows. */
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import type { KernelCase, Remedy } from './check.ts';
import { counting, sample } from './samples.ts';

const [rows, width] = [70, 132];

const rowSums: readonly Remedy[] = ['no subgroups', 'registers'];

const attentionShape: AttentionShape = {
	...{ batch: 2, queries: 37, keys: 37, heads: 4, keyValueHeads: 2, headDim: 16, window: null },
};

function attentionInputs(ops: Ops) {
	const { batch, queries, keys, heads, keyValueHeads, headDim } = attentionShape;
	const q = sample(ops, [batch * queries, heads * headDim], 1);
	const k = sample(ops, [batch * keys, keyValueHeads * headDim], 2);
	const v = sample(ops, [batch * keys, keyValueHeads * headDim], 3);
	const positions = ops.upload(
		Int32Array.from({ length: batch * queries }, (_, i) => i % queries),
		[batch * queries],
	);
	return { q, k, v, positions };
}

function attentionForward(ops: Ops): Tensor[] {
	const { q, k, v, positions } = attentionInputs(ops);
	const { out, logSumExp } = ops.attention(q, k, v, positions, attentionShape);
	ops.release(q, k, v, positions);
	return [out, logSumExp];
}

function attentionBackward(ops: Ops): Tensor[] {
	const { q, k, v, positions } = attentionInputs(ops);
	const { out, logSumExp } = ops.attention(q, k, v, positions, attentionShape);
	const dOut = sample(ops, q.shape, 4);
	const { dq, dk, dv } = ops.attentionBackward(dOut, { q, k, v, out, logSumExp }, attentionShape);
	ops.release(q, k, v, positions, out, logSumExp, dOut);
	return [dq, dk, dv];
}

function norm(ops: Ops): Tensor[] {
	const x = sample(ops, [rows, width], 1);
	const weight = sample(ops, [width], 2);
	const { y, inverseRms } = ops.rmsNorm(x, weight, 1e-5);
	ops.release(x, weight);
	return [y, inverseRms];
}

function normBackward(ops: Ops): Tensor[] {
	const x = sample(ops, [rows, width], 1);
	const weight = sample(ops, [width], 2);
	const dy = sample(ops, [rows, width], 3);
	const { y, inverseRms } = ops.rmsNorm(x, weight, 1e-5);
	const dx = ops.rmsNormBackward(dy, x, weight, inverseRms);
	const dWeight = ops.rmsNormBackwardWeight(dy, x, inverseRms);
	ops.release(x, weight, dy, y, inverseRms);
	return [dx, dWeight];
}

function gate(ops: Ops): Tensor[] {
	const [a, b, dOut] = [1, 2, 3].map((phase) => sample(ops, [rows, width], phase));
	const y = ops.swiglu(a!, b!);
	ops.swigluBackwardInPlace(dOut!, a!, b!);
	ops.release(dOut!);
	return [y, a!, b!];
}

function rotation(ops: Ops): Tensor[] {
	const x = sample(ops, [rows, width], 1);
	const positions = counting(ops, rows);
	const inverseFrequency = ops.upload(Float32Array.of(1, 0.1, 0.01, 0.001, 0.5, 0.05), [6]);
	ops.rotate(x, positions, inverseFrequency, 1);
	ops.release(positions, inverseFrequency);
	return [x];
}

function rowsMoved(ops: Ops): Tensor[] {
	const table = sample(ops, [rows, width], 1);
	const indices = ops.upload(Int32Array.of(3, 0, 69, 3), [4]);
	const taken = ops.gatherRows(table, indices);
	ops.scatterAddRows(table, indices, taken);
	const kept = sample(ops, [rows, width], 2);
	const places = ops.upload(Int32Array.of(1, -1, 5, 2), [4]);
	ops.writeRows(kept, places, taken);
	ops.add(kept, table);
	ops.release(indices, places);
	return [taken, table, kept];
}

function sums(ops: Ops): Tensor[] {
	const x = sample(ops, [rows, width], 1);
	const total = ops.sumRows(x);
	const largest = ops.argmaxRows(x);
	ops.release(x);
	return [total, largest];
}

export const layerCases: readonly KernelCase[] = [
	{ kernel: 'rmsNorm', remedies: rowSums, run: norm },
	{ kernel: 'gradients of rmsNorm', remedies: rowSums, run: normBackward },
	{ kernel: 'attention', remedies: ['registers'], run: attentionForward },
	{ kernel: 'gradients of attention', remedies: ['registers'], run: attentionBackward },
	{ kernel: 'swiglu', remedies: [], run: gate },
	{ kernel: 'rotate', remedies: [], run: rotation },
	{ kernel: 'rows of a table', remedies: [], run: rowsMoved },
	{ kernel: 'sums over rows', remedies: rowSums, run: sums },
];
