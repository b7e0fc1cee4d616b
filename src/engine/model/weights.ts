/** The decoder's parameters as a typed tree. Names and shapes are those of Hugging Face checkpoints. */
import { namedError } from '../../contract/errors.ts';
import type { BlockRecipe, ModelConfig } from '../../contract/model.ts';
import type { WeightFormat } from '../../contract/precision.ts';
import type { Ops, Tensor } from '../ops.ts';

export interface Parameter {
	readonly name: string;
	/** Another one once a run asks for another weight format. */
	tensor: Tensor;
}

export interface NamedShape {
	readonly name: string;
	readonly shape: readonly number[];
}

/** What LoRA adds to a linear layer: scale · B A. */
export interface Adapter {
	/** [rank, in] */
	readonly a: Parameter;
	/** [out, rank] */
	readonly b: Parameter;
	/** scale times the identity [rank, rank]; null where the scale is 1. */
	readonly scaling: Tensor | null;
	/** Share of the inputs dropped in training. */
	readonly dropout: number;
	/** Number of the layer among all that could have an adapter: it has masks of its own. */
	readonly stream: number;
}

/** Weight [out, in] and bias [out]. */
export interface LinearParameters {
	readonly weight: Parameter;
	readonly bias: Parameter | null;
	readonly adapter: Adapter | null;
}

/** Curve of an mlp without gate: alphas [1] that train, and the numbers beside them. */
export interface Curve {
	readonly alphaP: Parameter;
	readonly alphaN: Parameter;
	readonly beta: number;
	readonly epsilon: number;
}

/** Null: the family has none of it. */
export interface BlockParameters {
	readonly beforeAttention: Parameter | null;
	readonly afterAttention: Parameter | null;
	readonly beforeMlp: Parameter | null;
	readonly afterMlp: Parameter | null;
	readonly query: LinearParameters;
	readonly key: LinearParameters;
	readonly value: LinearParameters;
	readonly output: LinearParameters;
	readonly queryNorm: Parameter | null;
	readonly keyNorm: Parameter | null;
	readonly gate: LinearParameters | null;
	readonly up: LinearParameters;
	readonly down: LinearParameters;
	readonly curve: Curve | null;
}

export interface Decoder {
	readonly config: ModelConfig;
	readonly recipe: BlockRecipe;
	/** [vocabulary, hidden] */
	readonly embedding: Parameter;
	readonly blocks: readonly BlockParameters[];
	readonly finalNorm: Parameter;
	/** [vocabulary, hidden]; the same object as `embedding` where they are tied. */
	readonly head: Parameter;
	/** Every parameter once, by name. */
	readonly parameters: ReadonlyMap<string, Parameter>;
	/** Rotation frequencies [headDim / 2] of every layer, null where it does not rotate; like ones are one tensor. */
	readonly inverseFrequencies: readonly (Tensor | null)[];
}

export const embeddingName = 'model.embed_tokens.weight';
export const finalNormName = 'model.norm.weight';
export const headName = 'lm_head.weight';

/**
 * Throws, naming the parameter, `BadInput` where the format cannot hold one of the values and `OutOfMemory` where the
 * device cannot hold them all.
 */
export function uploadParameter(
	ops: Ops,
	{ name, shape }: NamedShape,
	values: Float32Array,
	format: WeightFormat,
): Parameter {
	try {
		return { name, tensor: ops.uploadWeight(values, shape, format) };
	} catch (error) {
		for (const kind of ['BadInput', 'OutOfMemory'] as const)
			if (error instanceof Error && error.name === kind)
				throw namedError(kind, `${name}: ${error.message}`);
		throw error;
	}
}

/** The linear layers of a block, in the order of the signal. */
export const linearLayers = (block: BlockParameters): LinearParameters[] => {
	const { query, key, value, output, gate, up, down } = block;
	return [query, key, value, output, ...(gate ? [gate] : []), up, down];
};
