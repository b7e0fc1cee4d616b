import { expect, test } from 'vitest';
import { bucketSequences, createBatches } from './batches.ts';
import { tinySpec } from './testing.ts';

const spec = {
	...tinySpec,
	batch: { size: 4, accumulation: 1 },
	data: { order: 'shuffled', packing: 'bucketed' },
} as const;
const lengths = Int32Array.from({ length: 40 }, (_, i) => 1 + ((i * 17) % 40));
const epochOf = (of: typeof spec, epoch: number) =>
	Array.from({ length: 10 }, (_, i) => bucketSequences(of, lengths, 10 * epoch + i));

test('every sequence is in one batch of an epoch, beside others of like length', () => {
	for (const batches of [epochOf(spec, 0), epochOf(spec, 1)]) {
		expect(batches.flat().sort((a, b) => a - b)).toEqual(Array.from(lengths.keys()));
		for (const batch of batches) {
			const own = batch.map((number) => lengths[number]!);
			expect(Math.max(...own) - Math.min(...own)).toBe(3);
		}
	}
});

test('batches come in another order each epoch and seed, and a batch is a function of its number', () => {
	expect(epochOf(spec, 1)).not.toEqual(epochOf(spec, 0));
	expect(epochOf({ ...spec, seed: 9 }, 0)).not.toEqual(epochOf(spec, 0));
	const longest = epochOf(spec, 0).map((batch) => Math.max(...batch.map((n) => lengths[n]!)));
	expect(longest).not.toEqual([...longest].sort((a, b) => b - a));
	bucketSequences(spec, lengths, 33);
	expect(bucketSequences(spec, lengths, 7)).toEqual(epochOf(spec, 0)[7]);
});

test('a last batch that is not full begins the epoch again', () => {
	const batches = [0, 1].map((micro) => bucketSequences(spec, lengths.slice(0, 6), micro));
	expect(new Set(batches.flat()).size).toBe(6);
	expect(batches.map((batch) => batch.length)).toEqual([4, 4]);
	expect(bucketSequences(spec, lengths.slice(0, 1), 5)).toEqual([0, 0, 0, 0]);
});

test('batches are cut behind their last target, at a multiple of 8', () => {
	const sequenceLength = 20;
	const ends = [3, 10, 19, 7];
	const targets = Int32Array.from({ length: 80 }, (_, i) =>
		i % sequenceLength === ends[Math.floor(i / sequenceLength)] ? 1 : -100,
	);
	const inputIds = Int32Array.from({ length: 80 }, (_, i) => i);
	const block = { count: 4, sequenceLength, inputIds, targets };
	const batches = createBatches({ ...spec, batch: { size: 2, accumulation: 1 } }, block);
	const two = [batches(0), batches(1)].sort((a, b) => a.length - b.length);
	expect(two.map(({ length }) => length)).toEqual([8, 20]);
	expect([...two[0]!.inputIds]).toEqual([60, 61, 62, 63, 64, 65, 66, 67, 0, 1, 2, 3, 4, 5, 6, 7]);
	const whole = createBatches({ ...spec, data: { order: 'shuffled', packing: 'rows' } }, block);
	expect(whole(0).length).toBe(20);
});
