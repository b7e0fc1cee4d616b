/** The decoder's parameters as a typed tree. Names and shapes are those of Hugging Face checkpoints. */
import { namedError } from '../../contract/errors.ts';
import type { ModelConfig } from '../../contract/model.ts';
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

export interface BlockParameters {
	readonly inputNorm: Parameter;
	readonly query: LinearParameters;
	readonly key: LinearParameters;
	readonly value: LinearParameters;
	readonly output: LinearParameters;
	readonly queryNorm: Parameter | null;
	readonly keyNorm: Parameter | null;
	readonly attentionNorm: Parameter;
	readonly gate: LinearParameters;
	readonly up: LinearParameters;
	readonly down: LinearParameters;
}

export interface Decoder {
	readonly config: ModelConfig;
	/** [vocabulary, hidden] */
	readonly embedding: Parameter;
	readonly blocks: readonly BlockParameters[];
	readonly finalNorm: Parameter;
	/** [vocabulary, hidden]; the same object as `embedding` where they are tied. */
	readonly head: Parameter;
	/** Every parameter once, by name. */
	readonly parameters: ReadonlyMap<string, Parameter>;
	/** Rotation frequencies [headDim / 2]. */
	readonly inverseFrequency: Tensor;
}

export const embeddingName = 'model.embed_tokens.weight';
export const finalNormName = 'model.norm.weight';
export const headName = 'lm_head.weight';

/** theta^(-2i/d), with the wavelength-dependent scaling of Llama 3.1 (transformers: rope type `llama3`). */
export function inverseFrequencies(config: ModelConfig): Float32Array {
	const { headDim, ropeTheta, ropeScaling: scaling } = config;
	return Float32Array.from({ length: headDim / 2 }, (_, i) => {
		const plain = ropeTheta ** ((-2 * i) / headDim);
		if (scaling === null) return plain;
		const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
		const turns = (scaling.originalContextLength * plain) / (2 * Math.PI);
		if (turns < low) return plain / factor;
		if (turns > high) return plain;
		const smooth = (turns - low) / (high - low);
		return plain * ((1 - smooth) / factor + smooth);
	});
}

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

/**
 * Puts a checkpoint on the device. Where it throws, nothing of it is left there.
 * @param read values of a named parameter
 * @param untie give a tied model a head of its own, a copy of the embedding
 * @param format in what each is kept; default: f32
 */
export async function loadDecoder(
	ops: Ops,
	config: ModelConfig,
	read: (name: string, shape: readonly number[]) => Promise<Float32Array>,
	untie: boolean,
	format: (tensor: NamedShape) => WeightFormat = () => 'f32',
): Promise<Decoder> {
	const parameters = new Map<string, Parameter>();
	const load = async (name: string, ...shape: number[]): Promise<Parameter> => {
		const values = await read(name, shape);
		const parameter = uploadParameter(ops, { name, shape }, values, format({ name, shape }));
		parameters.set(name, parameter);
		return parameter;
	};
	try {
		const tree = await loadTree(config, load);
		let head = tree.embedding;
		if (!config.tiedEmbeddings)
			head = await load(headName, config.vocabularySize, config.hiddenSize);
		else if (untie) {
			head = { name: headName, tensor: ops.copy(head.tensor) };
			parameters.set(headName, head);
		}
		const frequencies = inverseFrequencies(config);
		const inverseFrequency = ops.upload(frequencies, [frequencies.length]);
		return { config, ...tree, head, parameters, inverseFrequency };
	} catch (error) {
		for (const { tensor } of parameters.values()) ops.release(tensor);
		throw error;
	}
}

/** Embedding, blocks and final norm, in the order of the signal. */
async function loadTree(
	config: ModelConfig,
	load: (name: string, ...shape: number[]) => Promise<Parameter>,
): Promise<Pick<Decoder, 'embedding' | 'blocks' | 'finalNorm'>> {
	const linear = async (name: string, inputs: number, outputs: number, biased = false) => ({
		weight: await load(`${name}.weight`, outputs, inputs),
		bias: biased ? await load(`${name}.bias`, outputs) : null,
		adapter: null,
	});

	const { hiddenSize, intermediateSize, headDim, vocabularySize } = config;
	const queryWidth = config.heads * headDim;
	const keyWidth = config.keyValueHeads * headDim;
	const { queryKeyValueBias: biased, outputBias, queryKeyNorm } = config;
	const embedding = await load(embeddingName, vocabularySize, hiddenSize);
	const blocks: BlockParameters[] = [];
	for (let layer = 0; layer < config.layers; layer++) {
		const prefix = `model.layers.${layer}`;
		const attention = `${prefix}.self_attn`;
		blocks.push({
			inputNorm: await load(`${prefix}.input_layernorm.weight`, hiddenSize),
			query: await linear(`${attention}.q_proj`, hiddenSize, queryWidth, biased),
			key: await linear(`${attention}.k_proj`, hiddenSize, keyWidth, biased),
			value: await linear(`${attention}.v_proj`, hiddenSize, keyWidth, biased),
			output: await linear(`${attention}.o_proj`, queryWidth, hiddenSize, outputBias),
			queryNorm: queryKeyNorm ? await load(`${attention}.q_norm.weight`, headDim) : null,
			keyNorm: queryKeyNorm ? await load(`${attention}.k_norm.weight`, headDim) : null,
			attentionNorm: await load(`${prefix}.post_attention_layernorm.weight`, hiddenSize),
			gate: await linear(`${prefix}.mlp.gate_proj`, hiddenSize, intermediateSize),
			up: await linear(`${prefix}.mlp.up_proj`, hiddenSize, intermediateSize),
			down: await linear(`${prefix}.mlp.down_proj`, intermediateSize, hiddenSize),
		});
	}
	return { embedding, blocks, finalNorm: await load(finalNormName, hiddenSize) };
}

export function releaseDecoder(ops: Ops, decoder: Decoder): void {
	for (const { tensor } of decoder.parameters.values()) ops.release(tensor);
	ops.release(decoder.inverseFrequency);
}
