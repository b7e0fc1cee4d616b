/** Greedy and sampled continuation with a key/value cache. */
import { startDecoding } from './decoding.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
import { createRandom, type Random } from './random.ts';
import { TOKENS_AT_ONCE } from './score.ts';

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

/** Floats of keys and values held at once by many continuations side by side: 128 MiB. */
const CACHE_FLOATS = 1 << 25;

export interface GreedyOptions extends Pick<GenerateOptions, 'maximumTokens' | 'stopIds'> {
	/** Asked after every token of a sequence, with all it has made so far. */
	readonly isDone?: (made: readonly number[]) => boolean;
}

/**
 * Greedy continuations of many prompts, like lengths side by side in batches. A sequence ends after a stop id (which
 * is kept), where `isDone` says so of the ids made so far, after `maximumTokens`, or at the end of the context.
 * `onDone` hears after every token how many prompts are done, and may throw to end it.
 */
export async function generateGreedily(
	ops: Ops,
	decoder: Decoder,
	prompts: readonly (readonly number[])[],
	options: GreedyOptions,
	onDone: (done: number) => void = () => undefined,
): Promise<number[][]> {
	const { contextLength } = decoder.config;
	const order = prompts
		.map(({ length }, number) => ({ length, number }))
		.filter(({ length }) => length > 0 && length < contextLength && options.maximumTokens > 0)
		.sort((a, b) => a.length - b.length);
	const made = prompts.map((): number[] => []);
	let done = prompts.length - order.length;
	for (let at = 0; at < order.length;) {
		const batch = nextBatch(
			decoder,
			order.slice(at).map(({ length }) => length),
			options,
		);
		const numbers = order.slice(at, at + batch).map(({ number }) => number);
		const group = numbers.map((number) => prompts[number]!);
		const before = done;
		const results = await continueTogether(ops, decoder, group, options, (ended) => {
			done = before + ended;
			onDone(done);
		});
		for (const [index, ids] of results.entries()) made[numbers[index]!] = ids;
		at += batch;
	}
	return made;
}

/** How many of the prompts of ascending `lengths` go together. */
function nextBatch(
	{ config }: Decoder,
	lengths: readonly number[],
	{ maximumTokens }: GreedyOptions,
): number {
	const perToken = 2 * config.layers * config.keyValueHeads * config.headDim;
	let batch = 1;
	while (batch < lengths.length) {
		const longest = lengths[batch]!;
		const capacity = Math.min(longest + maximumTokens, config.contextLength);
		if ((batch + 1) * longest > TOKENS_AT_ONCE) break;
		if ((batch + 1) * capacity * perToken > CACHE_FLOATS) break;
		batch++;
	}
	return batch;
}

async function continueTogether(
	ops: Ops,
	decoder: Decoder,
	prompts: readonly (readonly number[])[],
	{ maximumTokens, stopIds, isDone = () => false }: GreedyOptions,
	onEnded: (ended: number) => void,
): Promise<number[][]> {
	const { contextLength } = decoder.config;
	const limits = prompts.map(({ length }) => Math.min(maximumTokens, contextLength - length));
	const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0);
	const made = prompts.map((): number[] => []);
	const capacity = Math.min(longest + maximumTokens, contextLength);
	const decoding = startDecoding(ops, decoder, prompts, capacity);
	/** Numbers of the prompts that are decoded; some of them may have ended. */
	let present = prompts.map((_, number) => number);
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
				if (own.length === limits[number] || stopIds.includes(id) || isDone(own)) ended.add(number);
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
