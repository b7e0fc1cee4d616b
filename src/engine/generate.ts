/** Greedy and sampled continuation with a key/value cache. */
import { batches, TOKENS_AT_ONCE } from './asked.ts';
import { runPrefix } from './branches.ts';
import { startDecoding } from './decoding.ts';
import { CACHE_FLOATS, floatsPerToken, type KeyValueCache, releaseCache } from './keyValueCache.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
import { groupByPrefix, type PrefixGroup } from './prefixes.ts';
import { createRandom, type Random } from './random.ts';

export interface GenerateOptions {
	readonly maximumTokens: number;
	/** 0: the most probable token. */
	readonly temperature: number;
	/** Smallest set of tokens with this much probability is sampled from; 1: all. */
	readonly topP: number;
	readonly seed: number;
	/** Generation ends after one of these. */
	readonly stopIds: readonly number[];
}

/** Draws from softmax(logits / temperature), restricted to the most probable tokens that make up topP. */
export function sample(
	logits: Float32Array,
	temperature: number,
	topP: number,
	random: Random,
): number {
	const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
	const largest = logits[order[0]!]!;
	const weights = order.map((id) => Math.exp((logits[id]! - largest) / temperature));
	const total = weights.reduce((a, b) => a + b, 0);
	let kept = 0;
	let mass = 0;
	while (kept < weights.length && mass < topP * total) mass += weights[kept++]!;
	let draw = random.next() * mass;
	for (let i = 0; i < kept; i++) {
		draw -= weights[i]!;
		if (draw < 0) return order[i]!;
	}
	return order[kept - 1]!;
}

/**
 * Continues `prompt` (at least one token), yielding one id at a time, at most up to the context length.
 * Ends after a stop id, which is yielded too.
 */
export async function* generate(
	ops: Ops,
	decoder: Decoder,
	prompt: readonly number[],
	options: GenerateOptions,
): AsyncGenerator<number, void> {
	const room = decoder.config.contextLength - prompt.length;
	const count = Math.min(options.maximumTokens, room);
	if (count <= 0 || prompt.length === 0) return;
	const decoding = startDecoding(ops, decoder, [prompt], prompt.length + count);
	const random = createRandom(options.seed);
	try {
		let logits = decoding.prefill();
		for (let made = 0; made < count; made++) {
			const next = await choose(ops, logits, options, random);
			yield next;
			if (made + 1 === count || options.stopIds.includes(next)) return;
			logits = decoding.advance(Int32Array.of(next));
		}
	} finally {
		decoding.release();
	}
}

export interface PromptToContinue {
	readonly prompt: readonly number[];
	/** Most tokens of its continuation. */
	readonly maximumTokens: number;
}

export interface GreedyOptions extends Pick<GenerateOptions, 'stopIds'> {
	/** Asked after every token of a sequence, with all it has made so far. */
	readonly isDone?: (made: readonly number[]) => boolean;
}

/**
 * Greedy continuations of many prompts, like lengths side by side in batches; what many begin with is run once. A sequence ends after a stop id (which
 * is kept), where `isDone` says so of the ids made so far, after its `maximumTokens`, or at the end of the context.
 * `onDone` hears after every token how many prompts are done, and may throw to end it.
 */
export async function generateGreedily(
	ops: Ops,
	decoder: Decoder,
	items: readonly PromptToContinue[],
	options: GreedyOptions,
	onDone: (done: number) => void = () => undefined,
): Promise<number[][]> {
	const { contextLength } = decoder.config;
	const going = items
		.map(({ prompt, maximumTokens }, number): Going => {
			const limit = Math.min(maximumTokens, contextLength - prompt.length);
			return { ids: prompt, sharable: prompt.length - 1, maximumTokens: limit, number };
		})
		.filter(({ ids, maximumTokens }) => ids.length > 0 && maximumTokens > 0);
	const made = items.map((): number[] => []);
	let done = items.length - going.length;
	for (const group of groupByPrefix(going)) {
		const before = done;
		await continueGroup(ops, decoder, group, options, made, (ended) => {
			done = before + ended;
			onDone(done);
		});
	}
	return made;
}

/** A prompt that is to be continued. */
interface Going {
	readonly ids: readonly number[];
	readonly sharable: number;
	readonly maximumTokens: number;
	/** Its place in `made`. */
	readonly number: number;
}

/** Tokens the longest sequence can come to. */
const capacityOf = (items: readonly Going[]) =>
	items.reduce((most, item) => Math.max(most, item.ids.length + item.maximumTokens), 0);

async function continueGroup(
	ops: Ops,
	decoder: Decoder,
	{ shared, items }: PrefixGroup<Going>,
	options: GreedyOptions,
	made: number[][],
	onEnded: (ended: number) => void,
): Promise<void> {
	const perToken = floatsPerToken(decoder);
	const fit = (batch: readonly Going[]) =>
		batch.length * (batch.at(-1)!.ids.length - shared) <= TOKENS_AT_ONCE &&
		batch.length * capacityOf(batch) * perToken <= CACHE_FLOATS;
	const order = [...items].sort((a, b) => a.ids.length - b.ids.length);
	const prefix = runPrefix(ops, decoder, items[0]!.ids.slice(0, shared));
	try {
		let done = 0;
		for (const batch of batches(order, fit)) {
			const results = await continueTogether(ops, decoder, batch, prefix, options, (ended) => {
				onEnded(done + ended);
			});
			for (const [index, ids] of results.entries()) made[batch[index]!.number] = ids;
			done += batch.length;
		}
	} finally {
		if (prefix) releaseCache(ops, prefix);
	}
}

async function continueTogether(
	ops: Ops,
	decoder: Decoder,
	items: readonly Going[],
	prefix: KeyValueCache | null,
	{ stopIds, isDone = () => false }: GreedyOptions,
	onEnded: (ended: number) => void,
): Promise<number[][]> {
	const prompts = items.map(({ ids }) => ids.slice(prefix?.capacity ?? 0));
	const made = items.map((): number[] => []);
	const decoding = startDecoding(ops, decoder, prompts, capacityOf(items), prefix);
	/** Numbers of the prompts that are decoded; some of them may have ended. */
	let present = items.map((_, number) => number);
	const ended = new Set<number>();
	try {
		let logits = decoding.prefill();
		for (;;) {
			const best = ops.argmaxRows(logits);
			let ids = await ops.readIntegers(best);
			ops.release(best, logits);
			for (const [row, number] of present.entries()) {
				const own = made[number]!;
				if (ended.has(number)) continue;
				const id = ids[row]!;
				own.push(id);
				const isFull = own.length === items[number]!.maximumTokens;
				if (isFull || stopIds.includes(id) || isDone(own)) ended.add(number);
			}
			onEnded(ended.size);
			const going = [...present.keys()].filter((row) => !ended.has(present[row]!));
			if (going.length === 0) return made;
			// Leaving the ended out means copying the caches of the others: not for every single one.
			if (2 * going.length <= present.length) {
				decoding.keep(going);
				ids = Int32Array.from(going, (row) => ids[row]!);
				present = going.map((row) => present[row]!);
			}
			logits = decoding.advance(ids);
		}
	} finally {
		decoding.release();
	}
}

/** Takes the logits over and picks one id. */
async function choose(
	ops: Ops,
	logits: Tensor,
	{ temperature, topP }: GenerateOptions,
	random: Random,
): Promise<number> {
	if (temperature === 0) {
		const best = ops.argmaxRows(logits);
		const [id = 0] = await ops.readIntegers(best);
		ops.release(best, logits);
		return id;
	}
	const values = await ops.read(logits);
	ops.release(logits);
	return sample(values, temperature, topP, random);
}
