/** Which sequences a micro-batch is made of: a function of its number, so that the data cursor is the step. */
import type { RunSpec } from '../contract/spec.ts';
import type { TokenBlock } from '../contract/training.ts';
import { createRandom, permutation } from './random.ts';

/** What of a run's spec decides it; without `packing` no batch is cut. */
export type BatchSpec = Pick<RunSpec, 'batch' | 'seed'> & {
	readonly data: Pick<RunSpec['data'], 'order'> & Partial<Pick<RunSpec['data'], 'packing'>>;
};

export interface MicroBatch {
	/** Tokens of each sequence. */
	readonly length: number;
	readonly inputIds: Int32Array;
	readonly targets: Int32Array;
	/** As in the block; undefined where a sequence is one row. */
	readonly positions: Int32Array | undefined;
}

/** Micro-batch number n, counted over the whole run, of a block. */
export function createBatches(spec: BatchSpec, block: TokenBlock): (micro: number) => MicroBatch {
	const { count } = block;
	if (spec.data.packing !== 'bucketed')
		return (micro) => gatherSequences(block, batchSequences(spec, count, micro));
	const lengths = usedLengths(block);
	return (micro) => {
		const numbers = bucketSequences(spec, lengths, micro);
		const longest = numbers.reduce((most, number) => Math.max(most, lengths[number]!), 1);
		// A few lengths instead of all: a device then gets the same sizes of memory again.
		const length = Math.min(block.sequenceLength, Math.ceil(longest / 8) * 8);
		return gatherSequences(block, numbers, length);
	};
}

/** Sequence numbers of micro-batch `micro`. */
export function batchSequences(spec: BatchSpec, count: number, micro: number): number[] {
	const { size } = spec.batch;
	return Array.from({ length: size }, (_, i) => {
		const index = micro * size + i;
		return epochOrder(spec, Math.floor(index / count), count)[index % count]!;
	});
}

/** Micro-batches whose sequences are sorted by length together, as in Hugging Face's LengthGroupedSampler. */
const batchesPerGroup = 50;

/**
 * Sequence numbers of micro-batch `micro` where like lengths go together: the epoch's order in groups, each sorted by
 * length and cut into batches, which are shuffled where the order is. A last batch that is not full takes sequences
 * from the beginning of the epoch once more.
 */
export function bucketSequences(spec: BatchSpec, lengths: Int32Array, micro: number): number[] {
	const { size } = spec.batch;
	const batches = Math.ceil(lengths.length / size);
	const epoch = Math.floor(micro / batches);
	const order = bucketOrder(spec, lengths, epoch, batches);
	const from = (micro % batches) * size;
	return Array.from(order.subarray(from, from + size));
}

let lastBuckets: { key: string; lengths: Int32Array; order: Int32Array } | null = null;
function bucketOrder(spec: BatchSpec, lengths: Int32Array, epoch: number, batches: number) {
	const { size } = spec.batch;
	const key = `${spec.data.order}/${spec.seed}/${epoch}/${size}`;
	if (lastBuckets?.key === key && lastBuckets.lengths === lengths) return lastBuckets.order;
	const { length: count } = lengths;
	const plain = epochOrder(spec, epoch, count);
	const sorted = Int32Array.from({ length: batches * size }, (_, i) => plain[i % count]!);
	for (let from = 0; from < sorted.length; from += batchesPerGroup * size)
		sorted
			.subarray(from, from + batchesPerGroup * size)
			.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
	const shuffled =
		spec.data.order === 'shuffled'
			? permutation(batches, createRandom(spec.seed + 7919 * epoch + 1))
			: Int32Array.from({ length: batches }, (_, i) => i);
	const order = new Int32Array(sorted.length);
	for (const [to, from] of shuffled.entries())
		order.set(sorted.subarray(from * size, (from + 1) * size), to * size);
	lastBuckets = { key, lengths, order };
	return order;
}

let lastOrder: { key: string; order: Int32Array } | null = null;
function epochOrder({ seed, data }: BatchSpec, epoch: number, count: number): Int32Array {
	const key = `${data.order}/${seed}/${epoch}/${count}`;
	if (lastOrder?.key !== key) {
		const order =
			data.order === 'shuffled'
				? permutation(count, createRandom(seed + 7919 * epoch))
				: Int32Array.from({ length: count }, (_, i) => i);
		lastOrder = { key, order };
	}
	return lastOrder.order;
}

/** Tokens of every sequence up to its last target: nothing behind that has a part in the loss. */
function usedLengths({ count, sequenceLength, targets }: TokenBlock): Int32Array {
	return Int32Array.from({ length: count }, (_, sequence) => {
		const from = sequence * sequenceLength;
		return targets.subarray(from, from + sequenceLength).findLastIndex((target) => target >= 0) + 1;
	});
}

/** Gathers sequences of a block, or their first `length` tokens, into one micro-batch. */
export function gatherSequences(
	block: TokenBlock,
	numbers: readonly number[],
	length = block.sequenceLength,
): MicroBatch {
	const gather = (values: Int32Array) => {
		const gathered = new Int32Array(numbers.length * length);
		for (const [i, number] of numbers.entries()) {
			const from = number * block.sequenceLength;
			gathered.set(values.subarray(from, from + length), i * length);
		}
		return gathered;
	};
	const positions = block.positions && gather(block.positions);
	return { length, inputIds: gather(block.inputIds), targets: gather(block.targets), positions };
}

/** Tokens that are to be predicted. */
export function countTargets(targets: Int32Array): number {
	let count = 0;
	for (const target of targets) if (target >= 0) count++;
	return count;
}
