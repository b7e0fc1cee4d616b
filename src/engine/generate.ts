/** Greedy and sampled continuation with a key/value cache. */
import { startDecoding } from './decoding.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
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

/**
 * Greedy continuations of many prompts side by side. A sequence ends after a stop id (which is kept), where
 * `isDone` says so of the ids made so far, after `maximumTokens`, or at the end of the context.
 */
export async function generateGreedily(
	ops: Ops,
	decoder: Decoder,
	prompts: readonly (readonly number[])[],
	options: Pick<GenerateOptions, 'maximumTokens' | 'stopIds'> & {
		readonly isDone?: (made: readonly number[]) => boolean;
	},
): Promise<number[][]> {
	const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0);
	const count = Math.min(options.maximumTokens, decoder.config.contextLength - longest);
	const made = prompts.map((): number[] => []);
	if (count <= 0 || prompts.length === 0) return made;
	const done = prompts.map(() => false);
	const decoding = startDecoding(ops, decoder, prompts, longest + count);
	try {
		let logits = decoding.prefill();
		for (let step = 1; ; step++) {
			const best = ops.argmaxRows(logits);
			const ids = await ops.readIntegers(best);
			ops.release(best, logits);
			for (const [row, id] of ids.entries()) {
				if (done[row]) continue;
				made[row]!.push(id);
				done[row] = options.stopIds.includes(id) || (options.isDone?.(made[row]!) ?? false);
			}
			if (step === count || done.every(Boolean)) return made;
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
