/** Memory of a training step in floats, as the plan forecasts it. */
import type { ModelConfig } from '../../contract/model.ts';
import type { Lora } from '../../contract/spec.ts';
import { recipeOf } from '../model/recipe.ts';

/** Floats of the activations one block keeps for `rows` tokens, its input included. */
export function blockFloats(config: ModelConfig, rows: number): number {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim } = config;
	const query = heads * headDim;
	const key = keyValueHeads * headDim;
	const { norms, queryKeyNorm, mlp } = recipeOf(config);
	const headNorms = queryKeyNorm === 'head' ? heads + keyValueHeads : 2;
	const normed = queryKeyNorm === null ? 0 : query + key + headNorms;
	// A normed copy of the stream or, behind a branch, what was normed; each but the last with its root mean squares.
	const { beforeAttention, beforeMlp, afterAttention, afterMlp } = norms;
	const kept = [beforeAttention, beforeMlp, afterAttention].filter((norm) => norm !== null).length;
	const stream = (2 + kept) * hiddenSize + kept + (afterMlp === null ? 0 : hiddenSize);
	const wide = (mlp === 'xielu' ? 2 : 3) * intermediateSize;
	return rows * (stream + 2 * query + 2 * key + normed + heads + wide);
}

/** Floats alive at once beside the kept ones: while the head works on `pieces` rows at a time, and while a block goes backward. */
export function workspaceFloats(
	config: ModelConfig,
	rows: number,
	pieces: number,
	tune: Lora | undefined,
): { head: number; block: number } {
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim, vocabularySize } = config;
	const query = heads * headDim;
	const key = keyValueHeads * headDim;
	// Of a narrower mlp the attention takes more anyway.
	const mlp = rows * (hiddenSize + intermediateSize);
	const attention = rows * (2 * hiddenSize + 2 * query + 2 * key + heads);
	const head = pieces * (vocabularySize + hiddenSize) + rows * 3 * hiddenSize;
	// An adapter's A x before and after scaling, and its gradient; with dropout the input it sees.
	const input = tune?.dropout ? Math.max(hiddenSize, intermediateSize, query) : 0;
	const adapter = rows * (3 * (tune?.rank ?? 0) + input);
	return { head, block: Math.max(mlp, attention) + adapter };
}
