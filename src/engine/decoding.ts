/** Sequences decoded side by side with a key/value cache. */
import {
	appendTokens,
	copyCache,
	createCache,
	type KeyValueCache,
	releaseCache,
} from './keyValueCache.ts';
import { logitsOf } from './model/head.ts';
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

/**
 * Prepares prompts (each at least one token) for up to `capacity` tokens per sequence, prompt included. `prefix`: the
 * one sequence that all prompts go on from, which counts as part of them; the caller's.
 */
export function startDecoding(
	ops: Ops,
	decoder: Decoder,
	prompts: readonly (readonly number[])[],
	capacity: number,
	prefix: KeyValueCache | null = null,
): Decoding {
	const first = prompts.map(() => 0);
	let cache = prefix
		? copyCache(ops, prefix, first, capacity)
		: createCache(ops, decoder, prompts.length, capacity);
	const run = (tokens: readonly (readonly number[])[]): Tensor => {
		const { x, queries, cache: longer } = appendTokens(ops, decoder, cache, tokens);
		cache = longer;
		const last = tokens.map(({ length }, row) => row * queries + length - 1);
		return logitsAfter(ops, decoder, x, last);
	};
	return {
		prefill: () => run(prompts),
		advance: (ids) => run(Array.from(ids, (id) => [id])),
		keep(numbers) {
			const whole = cache;
			cache = copyCache(ops, whole, numbers, capacity);
			releaseCache(ops, whole);
		},
		release: () => {
			releaseCache(ops, cache);
		},
	};
}

/** Logits after these rows of the residual stream, which is released. */
function logitsAfter(ops: Ops, decoder: Decoder, x: Tensor, rows: readonly number[]): Tensor {
	const lastRows = ops.upload(Int32Array.from(rows), [rows.length]);
	const last = ops.gatherRows(x, lastRows);
	const logits = logitsOf(ops, decoder, last);
	ops.release(x, lastRows, last);
	return logits;
}
