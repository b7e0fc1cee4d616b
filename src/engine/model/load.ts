/** Puts a decoder on the device and takes it off again. */
import type { BlockRecipe, ModelConfig, Rotation } from '../../contract/model.ts';
import type { WeightFormat } from '../../contract/precision.ts';
import type { Ops, Tensor } from '../ops.ts';
import { parameterShapes, recipeOf, rotationsOf } from './recipe.ts';
import {
	type BlockParameters,
	type Curve,
	type Decoder,
	embeddingName,
	finalNormName,
	headName,
	type LinearParameters,
	type NamedShape,
	type Parameter,
	uploadParameter,
} from './weights.ts';

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

export function releaseDecoder(ops: Ops, decoder: Decoder): void {
	for (const { tensor } of decoder.parameters.values()) ops.release(tensor);
	for (const tensor of new Set(decoder.inverseFrequencies)) if (tensor) ops.release(tensor);
}
