/**
 * Whether a model has a head of its own: what the files hold decides, not `tie_word_embeddings` alone. The rules are
 * those of transformers 5 (`PreTrainedModel.tie_weights` with missing keys).
 */
import type { ModelConfig } from '../contract/model.ts';
import type { TensorIndex } from './safetensors.ts';

const embedding = 'model.embed_tokens.weight';
const head = 'lm_head.weight';

export interface ResolvedHead {
	readonly config: ModelConfig;
	/** Without what is not used: `checkTensors` finds exactly the parameters of `config`. */
	readonly tensors: TensorIndex;
	readonly notes: readonly string[];
}

/**
 * A model that is said to be tied is not where the files hold a head that differs from the embedding; where they hold
 * the matrix under the head's name only, it is both. Reads both matrices, up to the first difference, where both are
 * there. Throws `BadInput` where one of them cannot be read.
 */
export async function resolveHead(
	config: ModelConfig,
	tensors: TensorIndex,
	file: string,
): Promise<ResolvedHead> {
	const held = new Set(tensors.names);
	if (!config.tiedEmbeddings || !held.has(head)) return { config, tensors, notes: [] };
	if (!held.has(embedding)) {
		const note = `The files hold no "${embedding}"; "${head}" is both, as ${file} ties them.`;
		return { config, tensors: renamed(tensors), notes: [note] };
	}
	if (await isSame(tensors)) return { config, tensors: without(tensors), notes: [] };
	const note = `${file} says that the head is the embedding ("tie_word_embeddings"); the files hold a head of its own, which is used.`;
	return { config: { ...config, tiedEmbeddings: false }, tensors, notes: [note] };
}

/** The head under the embedding's name. */
function renamed(tensors: TensorIndex): TensorIndex {
	const stored = (name: string) => (name === embedding ? head : name);
	return {
		...tensors,
		names: tensors.names.map((name) => (name === head ? embedding : name)),
		shape: (name) => tensors.shape(stored(name)),
		read: (name) => tensors.read(stored(name)),
		readRows: (name, rows) => tensors.readRows(stored(name), rows),
	};
}

const without = (tensors: TensorIndex): TensorIndex => ({
	...tensors,
	names: tensors.names.filter((name) => name !== head),
});

/** Numbers of a matrix that are compared at once. */
const numbersAtOnce = 2 ** 20;

async function isSame(tensors: TensorIndex): Promise<boolean> {
	const [rows = 0, width = 1] = tensors.shape(embedding);
	if (tensors.shape(head).join() !== tensors.shape(embedding).join()) return false;
	const atOnce = Math.max(1, Math.floor(numbersAtOnce / Math.max(1, width)));
	for (let first = 0; first < rows; first += atOnce) {
		const part = Array.from({ length: Math.min(atOnce, rows - first) }, (_, row) => first + row);
		const a = await tensors.readRows(embedding, part);
		const b = await tensors.readRows(head, part);
		if (a.some((value, at) => value !== b[at])) return false;
	}
	return true;
}
