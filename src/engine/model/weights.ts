/** The decoder's parameters as a typed tree. Names and shapes are those of Hugging Face checkpoints. */
import { namedError } from '../../contract/errors.ts';
import type { BlockRecipe, ModelConfig, Rotation } from '../../contract/model.ts';
import type { WeightFormat } from '../../contract/precision.ts';
import type { Ops, Tensor } from '../ops.ts';
import { parameterShapes, recipeOf, rotationsOf } from './recipe.ts';

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

/** theta^(-2i/d), with the wavelength-dependent scaling of Llama 3.1 (transformers: rope type `llama3`). */
function inverseFrequencies({ theta, scaling }: Rotation, headDim: number): Float32Array {
	return Float32Array.from({ length: headDim / 2 }, (_, i) => {
		const plain = theta ** ((-2 * i) / headDim);
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
	const shapes = new Map(parameterShapes(config).map(({ name, shape }) => [name, shape]));
	const load = async (name: string): Promise<Parameter | null> => {
		const shape = shapes.get(name);
		if (shape === undefined) return null;
		const values = await read(name, shape);
		const parameter = uploadParameter(ops, { name, shape }, values, format({ name, shape }));
		parameters.set(name, parameter);
		return parameter;
	};
	try {
		const tree = await loadTree(ops, config, load);
		let head = (await load(headName)) ?? tree.embedding;
		if (config.tiedEmbeddings && untie) {
			head = { name: headName, tensor: ops.copy(head.tensor) };
			parameters.set(headName, head);
		}
		const frequencies = uploadFrequencies(ops, config);
		const recipe = recipeOf(config);
		return { config, recipe, ...tree, head, parameters, inverseFrequencies: frequencies };
	} catch (error) {
		for (const { tensor } of parameters.values()) ops.release(tensor);
		throw error;
	}
}

function uploadFrequencies(ops: Ops, config: ModelConfig): (Tensor | null)[] {
	const known = new Map<string, Tensor>();
	return rotationsOf(config).map((rotation) => {
		if (rotation === null) return null;
		const key = JSON.stringify(rotation);
		const before = known.get(key);
		if (before) return before;
		const values = inverseFrequencies(rotation, config.headDim);
		const tensor = ops.upload(values, [values.length]);
		known.set(key, tensor);
		return tensor;
	});
}

type Load = (name: string) => Promise<Parameter | null>;

/** What every family has. */
async function need(load: Load, name: string): Promise<Parameter> {
	const parameter = await load(name);
	if (parameter === null) throw new Error(`${name} is no parameter of the model`);
	return parameter;
}

async function linearOf(load: Load, name: string): Promise<LinearParameters> {
	const weight = await need(load, `${name}.weight`);
	return { weight, bias: await load(`${name}.bias`), adapter: null };
}

/** Embedding, blocks and final norm, in the order of the signal. */
async function loadTree(
	ops: Ops,
	config: ModelConfig,
	load: Load,
): Promise<Pick<Decoder, 'embedding' | 'blocks' | 'finalNorm'>> {
	const embedding = await need(load, embeddingName);
	const blocks: BlockParameters[] = [];
	for (let layer = 0; layer < config.layers; layer++)
		blocks.push(await loadBlock(ops, recipeOf(config), load, `model.layers.${layer}`));
	return { embedding, blocks, finalNorm: await need(load, finalNormName) };
}

async function loadBlock(
	ops: Ops,
	{ norms, mlp }: BlockRecipe,
	load: Load,
	prefix: string,
): Promise<BlockParameters> {
	const attention = `${prefix}.self_attn`;
	const norm = async (name: string | null) =>
		name === null ? null : await need(load, `${prefix}.${name}.weight`);
	return {
		beforeAttention: await norm(norms.beforeAttention),
		query: await linearOf(load, `${attention}.q_proj`),
		key: await linearOf(load, `${attention}.k_proj`),
		value: await linearOf(load, `${attention}.v_proj`),
		output: await linearOf(load, `${attention}.o_proj`),
		queryNorm: await load(`${attention}.q_norm.weight`),
		keyNorm: await load(`${attention}.k_norm.weight`),
		afterAttention: await norm(norms.afterAttention),
		beforeMlp: await norm(norms.beforeMlp),
		gate: mlp === 'xielu' ? null : await linearOf(load, `${prefix}.mlp.gate_proj`),
		up: await linearOf(load, `${prefix}.mlp.up_proj`),
		down: await linearOf(load, `${prefix}.mlp.down_proj`),
		curve: mlp === 'xielu' ? await loadCurve(ops, load, `${prefix}.mlp.act_fn`) : null,
		afterMlp: await norm(norms.afterMlp),
	};
}

async function loadCurve(ops: Ops, load: Load, prefix: string): Promise<Curve> {
	const number = async (name: string) => {
		const { tensor } = await need(load, `${prefix}.${name}`);
		return (await ops.read(tensor))[0] ?? NaN;
	};
	return {
		alphaP: await need(load, `${prefix}.alpha_p`),
		alphaN: await need(load, `${prefix}.alpha_n`),
		beta: await number('beta'),
		epsilon: await number('eps'),
	};
}

/** The linear layers of a block, in the order of the signal. */
export const linearLayers = (block: BlockParameters): LinearParameters[] => {
	const { query, key, value, output, gate, up, down } = block;
	return [query, key, value, output, ...(gate ? [gate] : []), up, down];
};

export function releaseDecoder(ops: Ops, decoder: Decoder): void {
	for (const { tensor } of decoder.parameters.values()) ops.release(tensor);
	for (const tensor of new Set(decoder.inverseFrequencies)) if (tensor) ops.release(tensor);
}
