/** XLM-RoBERTa (Conneau et al. 2020): 24 post-norm layers over whole texts, forward only. */
import type { Ops, Tensor } from '../ops.ts';
import type { Comet, EncoderLayer, Linear, Norm } from './weights.ts';

/** Texts as rows of token ids [texts, longest], shorter ones padded on the right. */
export interface TextBatch {
	readonly ids: readonly (readonly number[])[];
	readonly longest: number;
}

export const textBatch = (ids: TextBatch['ids']): TextBatch => ({
	ids,
	longest: ids.reduce((most, text) => Math.max(most, text.length), 0),
});

/**
 * Word and position of every token, without their norm -> [texts * longest, hidden]; zeros where the padding is.
 * `words` has a row [hidden] for each token id.
 */
export function inputRows(
	{ config, embedding }: Comet,
	{ ids, longest }: TextBatch,
	words: ReadonlyMap<number, Float32Array>,
): Float32Array {
	const { hiddenSize, padTokenId } = config;
	const values = new Float32Array(ids.length * longest * hiddenSize);
	for (const [text, tokens] of ids.entries())
		for (const [at, id] of tokens.entries()) {
			const word = words.get(id)!;
			const start = (text * longest + at) * hiddenSize;
			// Positions are counted from the one after the padding's (transformers: create_position_ids).
			const position = (padTokenId + 1 + at) * hiddenSize;
			for (let i = 0; i < hiddenSize; i++)
				values[start + i] = word[i]! + embedding.positions[position + i]!;
		}
	return values;
}

/**
 * Runs the layers. `visit(layer, state)` sees the normed embeddings (0) and each layer's output [texts * longest,
 * hidden], which is released after it.
 */
export function encode(
	ops: Ops,
	comet: Comet,
	batch: TextBatch,
	input: Float32Array,
	visit: (layer: number, state: Tensor) => void,
): void {
	const { config, embedding, layers } = comet;
	const { ids, longest } = batch;
	const rows = ids.length * longest;
	// Every query sits at the last token of its text: it sees all of the text and nothing of the padding.
	const last = Int32Array.from(
		{ length: rows },
		(_, row) => ids[Math.floor(row / longest)]!.length - 1,
	);
	const positions = ops.upload(last, [rows]);
	const raw = ops.upload(input, [rows, config.hiddenSize]);
	let state = norm(ops, raw, embedding.norm, config.layerNormEpsilon);
	visit(0, state);
	for (const [index, layer] of layers.entries()) {
		state = runLayer(ops, comet, layer, state, positions, batch);
		visit(index + 1, state);
	}
	ops.release(state, positions);
}

/** Releases what it is given and what it makes, but for the result. */
function norm(ops: Ops, x: Tensor, { weight, bias }: Norm, epsilon: number): Tensor {
	const y = ops.layerNorm(x, weight, bias, epsilon);
	ops.release(x);
	return y;
}

const linear = (ops: Ops, x: Tensor, { weight, bias }: Linear, residual: Tensor | null = null) =>
	ops.linear(x, weight, { bias, residual });

/** Takes `x` over. */
function runLayer(
	ops: Ops,
	{ config }: Comet,
	layer: EncoderLayer,
	x: Tensor,
	positions: Tensor,
	{ ids, longest }: TextBatch,
): Tensor {
	const { heads, hiddenSize, layerNormEpsilon } = config;
	const [q, k, v] = [layer.query, layer.key, layer.value].map((part) => linear(ops, x, part));
	const headDim = hiddenSize / heads;
	const { out, logSumExp } = ops.attention(q!, k!, v!, positions, {
		batch: ids.length,
		queries: longest,
		keys: longest,
		heads,
		keyValueHeads: heads,
		headDim,
		window: null,
	});
	const attended = norm(
		ops,
		linear(ops, out, layer.output, x),
		layer.attentionNorm,
		layerNormEpsilon,
	);
	ops.release(x, q!, k!, v!, out, logSumExp);
	const wide = linear(ops, attended, layer.up);
	const active = ops.gelu(wide);
	const y = norm(
		ops,
		linear(ops, active, layer.down, attended),
		layer.outputNorm,
		layerNormEpsilon,
	);
	ops.release(attended, wide, active);
	return y;
}
