/** Sequences decoded side by side with a key/value cache. */
import {
	blockActivations,
	type BlockContext,
	blockOutput,
	releaseActivations,
} from './model/block.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

export interface Decoding {
	/** Logits of what follows the prompts [batch, vocabulary]; to be released by the caller. Call once, first. */
	prefill(): Tensor;
	/**
	 * Appends one token to every sequence; logits of what follows [batch, vocabulary]. Those of a sequence that is
	 * past its capacity mean nothing; the others do not suffer from it.
	 */
	advance(ids: Int32Array): Tensor;
	/** Goes on with these sequences only, given by their present numbers; they are numbered anew in this order. */
	keep(numbers: readonly number[]): void;
	release(): void;
}

/** Where new tokens go: `queries` per sequence, right-padded; padding has position 0 and no slot in the cache. */
interface NewTokens {
	readonly queries: number;
	readonly inputIds: Int32Array;
	readonly positions: Int32Array;
	/** Rows of the cache; -1 for padding. */
	readonly slots: Int32Array;
	/** Row of every sequence's last token. */
	readonly last: Int32Array;
}

/** Prepares prompts (each at least one token) for up to `capacity` tokens per sequence, prompt included. */
export function startDecoding(
	ops: Ops,
	decoder: Decoder,
	prompts: readonly (readonly number[])[],
	capacity: number,
): Decoding {
	const { config, blocks } = decoder;
	const width = config.keyValueHeads * config.headDim;
	const cache = () => blocks.map(() => ops.zeros([prompts.length * capacity, width]));
	let keys = cache();
	let values = cache();
	let lengths = Int32Array.from(prompts, (prompt) => prompt.length);

	const run = (tokens: NewTokens) =>
		logitsOf(ops, decoder, { keys, values, batch: lengths.length, capacity }, tokens);

	return {
		prefill: () => run(promptTokens(prompts, capacity)),
		advance(inputIds) {
			const positions = lengths.map((length) => Math.min(length, capacity - 1));
			const slots = lengths.map((length, row) =>
				length < capacity ? row * capacity + length : -1,
			);
			const last = lengths.map((_, row) => row);
			lengths = lengths.map((length) => length + 1);
			return run({ queries: 1, inputIds, positions, slots, last });
		},
		keep(numbers) {
			const rows = numbers.flatMap((number) =>
				Array.from({ length: capacity }, (_, t) => number * capacity + t),
			);
			const indices = ops.upload(Int32Array.from(rows), [rows.length]);
			const kept = (caches: readonly Tensor[]) =>
				caches.map((whole) => {
					const part = ops.gatherRows(whole, indices);
					ops.release(whole);
					return part;
				});
			keys = kept(keys);
			values = kept(values);
			ops.release(indices);
			lengths = Int32Array.from(numbers, (number) => lengths[number]!);
		},
		release: () => {
			ops.release(...keys, ...values);
		},
	};
}

function promptTokens(prompts: readonly (readonly number[])[], capacity: number): NewTokens {
	const queries = prompts.reduce((longest, { length }) => Math.max(longest, length), 0);
	const count = prompts.length * queries;
	const inputIds = new Int32Array(count);
	const positions = new Int32Array(count);
	const slots = new Int32Array(count).fill(-1);
	const last = Int32Array.from(prompts, (prompt, row) => row * queries + prompt.length - 1);
	for (const [row, prompt] of prompts.entries())
		for (const [t, id] of prompt.entries()) {
			inputIds[row * queries + t] = id;
			positions[row * queries + t] = t;
			slots[row * queries + t] = row * capacity + t;
		}
	return { queries, inputIds, positions, slots, last };
}

interface Cache {
	/** Per block [batch * capacity, keyValueHeads * headDim]. */
	readonly keys: readonly Tensor[];
	readonly values: readonly Tensor[];
	readonly batch: number;
	readonly capacity: number;
}

/** Runs new tokens through the blocks, filling the cache; logits after every sequence's last token. */
function logitsOf(ops: Ops, decoder: Decoder, cache: Cache, tokens: NewTokens): Tensor {
	const { config, blocks } = decoder;
	const { keys, values, batch, capacity } = cache;
	const count = batch * tokens.queries;
	const inputIds = ops.upload(tokens.inputIds, [count]);
	const positions = ops.upload(tokens.positions, [count]);
	const slots = ops.upload(tokens.slots, [count]);
	let x = ops.gatherRows(decoder.embedding.tensor, inputIds);
	for (const [layer, block] of blocks.entries()) {
		const context: BlockContext = {
			epsilon: config.rmsNormEpsilon,
			inverseFrequency: decoder.inverseFrequency,
			positions,
			attention: {
				batch,
				queries: tokens.queries,
				keys: capacity,
				heads: config.heads,
				keyValueHeads: config.keyValueHeads,
				headDim: config.headDim,
				window: config.windows[layer] ?? null,
			},
			cache: { keys: keys[layer]!, values: values[layer]!, slots },
		};
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	const lastRows = ops.upload(tokens.last, [batch]);
	const last = ops.gatherRows(x, lastRows);
	const { y, inverseRms } = ops.rmsNorm(last, decoder.finalNorm.tensor, config.rmsNormEpsilon);
	const logits = ops.linear(y, decoder.head.tensor);
	ops.release(inputIds, positions, slots, x, lastRows, last, y, inverseRms);
	return logits;
}
