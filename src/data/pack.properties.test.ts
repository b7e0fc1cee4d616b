/** Packing loses no token, doubles none, and predicts what follows, whatever the rows are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstSequences, packRows, packSegments, packStream, withTargets } from './pack.ts';

const sequenceLength = 8;
const pad = 99;

/** Rows that fit a sequence; ids are from 1 on, so that padding is told from them. */
const row = fc
	.record({
		ids: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: sequenceLength }),
		firstTarget: fc.nat(10),
	})
	.map(({ ids, firstTarget }) => ({
		...{ ids: Int32Array.from(ids), graded: [[firstTarget, Infinity]] as const },
		textTokens: ids.length,
	}));
const rows = fc.array(row, { maxLength: 20 });

const tooLong = () => new Error('no row is too long here');
const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);
const allIds = (all: readonly { readonly ids: Int32Array }[]) => all.flatMap(({ ids }) => [...ids]);

test('every position predicts the token that follows, or none', () => {
	fc.assert(
		fc.property(rows, (given) => {
			const whole = packRows(given, sequenceLength, pad, tooLong);
			const segments = packSegments(given, sequenceLength, pad, tooLong);
			for (const block of [packStream(given, sequenceLength), whole, segments])
				for (const [at, target] of block.targets.entries()) {
					if (target === -100) continue;
					expect(at % sequenceLength).toBeLessThan(sequenceLength - 1);
					expect(target).toBe(block.inputIds[at + 1]);
				}
		}),
	);
});

test('tokens are those of the rows', () => {
	fc.assert(
		fc.property(rows, (given) => {
			const stream = packStream(given, sequenceLength);
			const kept = stream.count * sequenceLength;
			expect([...stream.inputIds]).toEqual(allIds(given).slice(0, kept));
			expect(allIds(given).length - kept).toBeLessThan(sequenceLength);
			for (const pack of [packRows, packSegments]) {
				const { inputIds } = pack(given, sequenceLength, pad, tooLong);
				expect(sorted(inputIds.filter((id) => id !== pad))).toEqual(sorted(allIds(given)));
			}
		}),
	);
});

test('rows that share a sequence predict as many tokens as rows alone', () => {
	const count = (targets: Int32Array) => targets.filter((target) => target >= 0).length;
	fc.assert(
		fc.property(rows, (given) => {
			const alone = packRows(given, sequenceLength, pad, tooLong);
			const shared = packSegments(given, sequenceLength, pad, tooLong);
			expect(shared.count).toBeLessThanOrEqual(alone.count);
			expect(count(shared.targets)).toBe(count(alone.targets));
			expect(count(withTargets(alone).targets)).toBe(count(alone.targets));
		}),
	);
});

test('the first sequences are the first, and sequences without a target are left out alone', () => {
	fc.assert(
		fc.property(rows, fc.nat(25), (given, count) => {
			const block = packSegments(given, sequenceLength, pad, tooLong);
			const first = firstSequences(block, count);
			expect(first.count).toBe(Math.min(count, block.count));
			const end = first.count * sequenceLength;
			expect([...first.inputIds]).toEqual([...block.inputIds.slice(0, end)]);
			const { count: left, targets } = withTargets(block);
			for (let at = 0; at < left; at++)
				expect(
					targets.slice(at * sequenceLength, (at + 1) * sequenceLength).some((id) => id >= 0),
				).toBe(true);
		}),
	);
});
