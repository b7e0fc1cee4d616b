/** Keys and values of tokens that were run, so that what follows them need not run them again. */
import {
	blockActivations,
	type BlockContext,
	blockOutput,
	releaseActivations,
} from './model/block.ts';
import { embed, layerContext } from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

export interface KeyValueCache {
	/** Per block [batch * capacity, keyValueHeads * headDim]. */
	readonly keys: readonly Tensor[];
	readonly values: readonly Tensor[];
	/** Most tokens of a sequence. */
	readonly capacity: number;
	/** Tokens of every sequence; what lies behind them is never looked at. */
	readonly lengths: Int32Array;
}

/** Floats of keys and values held at once by many sequences side by side: 128 MiB. */
export const CACHE_FLOATS = 1 << 25;

/** Floats of one token's keys and values. */
export const floatsPerToken = ({ config }: Decoder): number =>
	2 * config.layers * config.keyValueHeads * config.headDim;

/** Sequences of no token yet. */
export function createCache(
	ops: Ops,
	{ config, blocks }: Decoder,
	batch: number,
	capacity: number,
): KeyValueCache {
	const width = config.keyValueHeads * config.headDim;
	const zeros = () => blocks.map(() => ops.zeros([batch * capacity, width]));
	return { keys: zeros(), values: zeros(), capacity, lengths: new Int32Array(batch) };
}

export function releaseCache(ops: Ops, { keys, values }: KeyValueCache): void {
	ops.release(...keys, ...values);
}

/** A copy of the sequences with these numbers, each as often as it is named, with room for `capacity` tokens. */
export function copyCache(
	ops: Ops,
	cache: KeyValueCache,
	numbers: readonly number[],
	capacity: number,
): KeyValueCache {
	const rows = new Int32Array(numbers.length * capacity);
	for (const [at, number] of numbers.entries())
		for (let t = 0; t < capacity; t++)
			rows[at * capacity + t] = number * cache.capacity + Math.min(t, cache.capacity - 1);
	const indices = ops.upload(rows, [rows.length]);
	const copy = (whole: Tensor) => ops.gatherRows(whole, indices);
	const [keys, values] = [cache.keys.map(copy), cache.values.map(copy)];
	ops.release(indices);
	const lengths = Int32Array.from(numbers, (number) => cache.lengths[number]!);
	return { keys, values, capacity, lengths };
}

/** New tokens behind every sequence. */
interface Appended {
	readonly cache: KeyValueCache;
	/** Rows of `x` per sequence: the most tokens that one of them got. */
	readonly queries: number;
	/** The residual stream behind the last block [batch * queries, hidden], right-padded. */
	readonly x: Tensor;
}

/**
 * Runs tokens behind those of the cache, which takes them in; the cache given is the one returned but for the lengths.
 * A token beyond the capacity is run on the last one's place, not taken in, and means nothing to the other sequences.
 */
export function appendTokens(
	ops: Ops,
	decoder: Decoder,
	cache: KeyValueCache,
	sequences: readonly (readonly number[])[],
): Appended {
	const { keys, values, capacity, lengths } = cache;
	const batch = sequences.length;
	const queries = sequences.reduce((longest, { length }) => Math.max(longest, length), 0);
	const size = batch * queries;
	const ids = new Int32Array(size);
	// Padding sits at position 0 and has no place in the cache.
	const at = new Int32Array(size);
	const places = new Int32Array(size).fill(-1);
	for (const [row, own] of sequences.entries())
		for (const [t, id] of own.entries()) {
			const position = lengths[row]! + t;
			ids[row * queries + t] = id;
			at[row * queries + t] = Math.min(position, capacity - 1);
			if (position < capacity) places[row * queries + t] = row * capacity + position;
		}
	const [inputIds, positions, slots] = [ids, at, places].map((part) => ops.upload(part, [size]));
	let x = embed(ops, decoder, inputIds!);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context: BlockContext = {
			...layerContext(decoder, layer, { batch, queries, keys: capacity }),
			positions: positions!,
			cache: { keys: keys[layer]!, values: values[layer]!, slots: slots! },
		};
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	ops.release(inputIds!, positions!, slots!);
	const longer = lengths.map((length, row) => length + sequences[row]!.length);
	return { cache: { ...cache, lengths: longer }, queries, x };
}
