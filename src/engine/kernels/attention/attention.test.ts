import { test } from 'vitest';
import type { AttentionShape } from '../../ops.ts';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './attention.reference.ts';

const square = (
	batch: number,
	length: number,
	heads: number,
	keyValueHeads: number,
	headDim: number,
	window: number | null = null,
): AttentionShape => ({
	batch,
	queries: length,
	keys: length,
	heads,
	keyValueHeads,
	headDim,
	window,
});

/** [rows, 2] for `attention`, and positions within segments, where every sequence is cut into these lengths. */
function cut(batch: number, lengths: readonly number[]) {
	const bounds: number[] = [];
	const positions: number[] = [];
	for (let sequence = 0; sequence < batch; sequence++) {
		let begin = 0;
		for (const length of lengths) {
			for (let i = 0; i < length; i++) {
				bounds.push(begin, begin + length);
				positions.push(i);
			}
			begin += length;
		}
	}
	return { segments: Int32Array.from(bounds), positions: Int32Array.from(positions) };
}

const shapes = [
	square(1, 1, 1, 1, 4),
	square(2, 5, 2, 2, 8),
	square(3, 24, 4, 2, 8, 7),
	square(2, 65, 4, 2, 32),
	square(1, 70, 6, 2, 20, 33),
	square(1, 130, 3, 1, 64),
	square(1, 40, 2, 1, 128),
];

onEveryBackend('attention', (ops) => {
	test.each([
		...shapes.map((shape) => ({ shape, lengths: null })),
		{ shape: square(2, 5, 2, 2, 8), lengths: [1, 3, 1] },
		{ shape: square(2, 24, 4, 2, 8, 5), lengths: [9, 2, 13] },
		{ shape: square(2, 150, 4, 2, 32), lengths: [3, 60, 50, 37] },
		{ shape: square(1, 70, 6, 2, 20, 33), lengths: [40, 30] },
		{ shape: square(1, 130, 2, 1, 64, 40), lengths: [64, 65, 1] },
		{ shape: square(1, 250, 2, 1, 16), lengths: [199, 51] },
	])('forward and backward of $shape, segments $lengths', async ({ shape, lengths }) => {
		await withoutLeaks(ops(), async () => {
			const { batch, queries, heads, keyValueHeads, headDim } = shape;
			const { positions: at, segments: bounds } = cut(batch, lengths ?? [queries]);
			const of = lengths && bounds;
			const wide = batch * queries * heads * headDim;
			const narrow = batch * queries * keyValueHeads * headDim;
			const host = {
				q: wave(wide, 1),
				k: wave(narrow, 2),
				v: wave(narrow, 3),
				dOut: wave(wide, 4),
			};
			const expected = reference.attention(host.q, host.k, host.v, at, shape, of);
			const gradients = reference.attentionBackward(host.dOut, { ...host, ...expected }, shape, of);

			const q = ops().upload(host.q, [batch * queries, heads * headDim]);
			const k = ops().upload(host.k, [batch * queries, keyValueHeads * headDim]);
			const v = ops().upload(host.v, [batch * queries, keyValueHeads * headDim]);
			const positions = ops().upload(at, [batch * queries]);
			const segments = of ? ops().upload(of, [batch * queries, 2]) : undefined;
			const dOut = ops().upload(host.dOut, [batch * queries, heads * headDim]);
			const { out, logSumExp } = ops().attention(q, k, v, positions, shape, segments);
			expectClose(await ops().read(out), expected.out, 5e-6);
			expectClose(await ops().read(logSumExp), expected.logSumExp, 5e-6);
			const forward = { q, k, v, out, logSumExp };
			const { dq, dk, dv } = ops().attentionBackward(dOut, forward, shape, segments);
			expectClose(await take(ops(), dv), gradients.dv, 1e-5);
			if (queries > 1) {
				expectClose(await take(ops(), dq), gradients.dq, 1e-5);
				expectClose(await take(ops(), dk), gradients.dk, 1e-5);
			} else ops().release(dq, dk);
			ops().release(q, k, v, positions, dOut, out, logSumExp);
			if (segments) ops().release(segments);
		});
	});

	test('sees the whole text and not its padding where every query sits at the last key of its text', async () => {
		await withoutLeaks(ops(), async () => {
			const shape = square(3, 21, 2, 2, 16);
			const lengths = [21, 1, 13];
			const [qs, ks, vs] = [wave(63 * 32, 1), wave(63 * 32, 2), wave(63 * 32, 3)];
			const last = Int32Array.from({ length: 63 }, (_, i) => lengths[Math.floor(i / 21)]! - 1);
			const expected = reference.attention(qs, ks, vs, last, shape);
			const [q, k, v] = [qs, ks, vs].map((values) => ops().upload(values, [63, 32]));
			const positions = ops().upload(last, [63]);
			const { out, logSumExp } = ops().attention(q!, k!, v!, positions, shape);
			expectClose(await take(ops(), out), expected.out, 5e-6);
			ops().release(q!, k!, v!, positions, logSumExp);
		});
	});

	test('decodes with a cache: few queries anywhere among many keys', async () => {
		await withoutLeaks(ops(), async () => {
			const shape = { ...square(3, 2, 4, 2, 16), keys: 90 };
			const host = {
				q: wave(3 * 2 * 64, 1),
				k: wave(3 * 90 * 32, 2),
				v: wave(3 * 90 * 32, 3),
				positions: Int32Array.of(0, 1, 40, 41, 88, 89),
			};
			const q = ops().upload(host.q, [6, 64]);
			const k = ops().upload(host.k, [270, 32]);
			const v = ops().upload(host.v, [270, 32]);
			const positions = ops().upload(host.positions, [6]);
			for (const window of [null, 12]) {
				const expected = reference.attention(host.q, host.k, host.v, host.positions, {
					...shape,
					window,
				});
				const { out, logSumExp } = ops().attention(q, k, v, positions, { ...shape, window });
				expectClose(await take(ops(), out), expected.out, 5e-6);
				ops().release(logSumExp);
			}
			ops().release(q, k, v, positions);
		});
	});
});
