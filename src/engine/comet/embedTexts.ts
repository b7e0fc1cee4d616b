/** One vector for each text: the states of its tokens, mixed over layers and pooled over tokens. */
import type { Ops, Tensor } from '../ops.ts';
import { encode, inputRows, type TextBatch, textBatch } from './encoder.ts';
import type { Comet } from './weights.ts';

/** Tokens of a batch, padding included: the widest state of XLM-R large then takes 32 MB. */
const TOKENS_AT_ONCE = 2048;

/** Word rows kept between batches: 128 MB of XLM-R large. */
const mostWords = 32768;

/** What is left of a layer's states: of each text its pooled tokens [texts, hidden], and the mean of their squares. */
interface Pooled {
	readonly weight: number;
	/** Mean over tokens, or the first token. */
	readonly pooled: Tensor;
	/** Mean over tokens where `pooled` is another one and layers are normalised. */
	readonly mean: Tensor | null;
	/** Of each token, where layers are normalised. */
	readonly inverseRms: Tensor | null;
}

/**
 * Embeddings [hidden] of texts given as token ids, none of them empty. `onDone(texts)` is told after each batch, and
 * may throw to stop.
 */
export async function embedTexts(
	ops: Ops,
	comet: Comet,
	texts: readonly (readonly number[])[],
	onDone: (done: number) => void,
): Promise<Float32Array[]> {
	const words = new Map<number, Float32Array>();
	const embedded = new Map<number, Float32Array>();
	for (const batch of batches(texts)) {
		const ids = textBatch(batch.map((index) => texts[index]!));
		await readWords(comet, ids, words);
		const vectors = await embedBatch(ops, comet, ids, inputRows(comet, ids, words));
		for (const [at, vector] of vectors.entries()) embedded.set(batch[at]!, vector);
		onDone(embedded.size);
	}
	return texts.map((_, index) => embedded.get(index)!);
}

/** Numbers of texts, long ones first, as many at once as fit. */
function batches(texts: readonly (readonly number[])[]): number[][] {
	const order = texts.map((_, index) => index);
	order.sort((a, b) => texts[b]!.length - texts[a]!.length || a - b);
	const found: number[][] = [];
	for (let from = 0; from < order.length;) {
		const longest = texts[order[from]!]!.length;
		const to = from + Math.max(1, Math.floor(TOKENS_AT_ONCE / longest));
		found.push(order.slice(from, to));
		from = to;
	}
	return found;
}

async function readWords(
	{ config, embedding }: Comet,
	{ ids }: TextBatch,
	words: Map<number, Float32Array>,
): Promise<void> {
	if (words.size > mostWords) words.clear();
	const wanted = [...new Set(ids.flat())].filter((id) => !words.has(id)).sort((a, b) => a - b);
	const rows = await embedding.words(wanted);
	const { hiddenSize } = config;
	for (const [at, id] of wanted.entries())
		words.set(id, rows.slice(at * hiddenSize, (at + 1) * hiddenSize));
}

async function embedBatch(
	ops: Ops,
	comet: Comet,
	batch: TextBatch,
	input: Float32Array,
): Promise<Float32Array[]> {
	const { options, layerWeights, config } = comet;
	const shape = [batch.ids.length * batch.longest, batch.ids.length];
	const means = ops.upload(shares(batch, 'avg'), shape);
	const firsts = options.pool === 'cls' ? ops.upload(shares(batch, 'cls'), shape) : null;
	const ones = ops.empty([config.hiddenSize]);
	ops.fill(ones, 1);
	const layers: Pooled[] = [];
	encode(ops, comet, batch, input, (layer, state) => {
		const weight = layerWeights[layer]!;
		if (weight === 0) return;
		const pooled = pool(ops, firsts ?? means, state);
		if (!options.layerNorm) {
			layers.push({ weight, pooled, mean: null, inverseRms: null });
			return;
		}
		const { y, inverseRms } = ops.rmsNorm(state, ones, 0);
		ops.release(y);
		layers.push({ weight, pooled, mean: firsts && pool(ops, means, state), inverseRms });
	});
	ops.release(means, ones);
	if (firsts) ops.release(firsts);
	const mixed = batch.ids.map(() => new Float64Array(config.hiddenSize));
	for (const layer of layers) await addLayer(ops, batch, layer, mixed);
	return mixed.map((sum) => Float32Array.from(sum, (value) => comet.gamma * value));
}

/** [texts * longest, texts]: the share of each token in the vector of its text, 0 in others. */
function shares({ ids, longest }: TextBatch, pooling: 'avg' | 'cls'): Float32Array {
	const values = new Float32Array(ids.length * longest * ids.length);
	for (const [text, { length }] of ids.entries())
		for (let at = 0; at < (pooling === 'avg' ? length : 1); at++)
			values[(text * longest + at) * ids.length + text] = pooling === 'avg' ? 1 / length : 1;
	return values;
}

/** sharesᵀ state -> [texts, hidden]: the product that gives the gradient of a weight is the one that pools. */
const pool = (ops: Ops, tokenShares: Tensor, state: Tensor): Tensor =>
	ops.linearBackwardWeight(tokenShares, state);

/** Adds weight * pooled, or where layers are normalised weight * (pooled - mean) / sd with both over the whole text. */
async function addLayer(
	ops: Ops,
	{ ids, longest }: TextBatch,
	{ weight, pooled, mean: tokenMean, inverseRms }: Pooled,
	mixed: readonly Float64Array[],
): Promise<void> {
	const values = await ops.read(pooled);
	const means = tokenMean ? await ops.read(tokenMean) : values;
	const inverse = inverseRms && (await ops.read(inverseRms));
	ops.release(pooled);
	if (tokenMean) ops.release(tokenMean);
	if (inverseRms) ops.release(inverseRms);
	for (const [text, sum] of mixed.entries()) {
		const width = sum.length;
		let mean = 0;
		let scale = weight;
		if (inverse) {
			const { length } = ids[text]!;
			for (let i = 0; i < width; i++) mean += means[text * width + i]! / width;
			let squares = 0;
			for (let at = 0; at < length; at++) squares += inverse[text * longest + at]! ** -2 / length;
			scale = weight / Math.sqrt(squares - mean * mean + 1e-12);
		}
		for (let i = 0; i < width; i++) sum[i]! += scale * (values[text * width + i]! - mean);
	}
}
