/** Greedy and sampled continuation with a key/value cache. */
import {
	blockActivations,
	type BlockContext,
	blockOutput,
	releaseActivations,
} from './model/block.ts';
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

interface Cache {
	readonly keys: readonly Tensor[];
	readonly values: readonly Tensor[];
	readonly capacity: number;
}

function createCache(ops: Ops, decoder: Decoder, capacity: number): Cache {
	const width = decoder.config.keyValueHeads * decoder.config.headDim;
	const make = () => decoder.blocks.map(() => ops.zeros([capacity, width]));
	return { keys: make(), values: make(), capacity };
}

/** Runs new tokens at positions start.. through the blocks; returns the logits of the last one [1, vocabulary]. */
function advance(
	ops: Ops,
	decoder: Decoder,
	cache: Cache,
	ids: readonly number[],
	start: number,
): Tensor {
	const { config } = decoder;
	const inputIds = ops.upload(Int32Array.from(ids), [ids.length]);
	const places = Int32Array.from(ids, (_, i) => start + i);
	const positions = ops.upload(places, [ids.length]);
	let x = ops.gatherRows(decoder.embedding.tensor, inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context: BlockContext = {
			epsilon: config.rmsNormEpsilon,
			inverseFrequency: decoder.inverseFrequency,
			positions,
			attention: {
				batch: 1,
				queries: ids.length,
				keys: cache.capacity,
				heads: config.heads,
				keyValueHeads: config.keyValueHeads,
				headDim: config.headDim,
				window: config.windows[layer] ?? null,
			},
			cache: { keys: cache.keys[layer]!, values: cache.values[layer]!, slots: positions },
		};
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	const lastIndex = ops.upload(Int32Array.of(ids.length - 1), [1]);
	const last = ops.gatherRows(x, lastIndex);
	const { y, inverseRms } = ops.rmsNorm(last, decoder.finalNorm.tensor, config.rmsNormEpsilon);
	const logits = ops.linear(y, decoder.head.tensor);
	ops.release(inputIds, positions, x, lastIndex, last, y, inverseRms);
	return logits;
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
	const cache = createCache(ops, decoder, prompt.length + count);
	const random = createRandom(options.seed);
	try {
		let ids = prompt;
		let position = 0;
		for (let made = 0; made < count; made++) {
			const logits = advance(ops, decoder, cache, ids, position);
			position += ids.length;
			const next = await choose(ops, logits, options, random);
			yield next;
			if (options.stopIds.includes(next)) return;
			ids = [next];
		}
	} finally {
		ops.release(...cache.keys, ...cache.values);
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
