/** What a decoder is made of: the recipe of its blocks, its rotations, and its parameters with their shapes. */
import type { BlockRecipe, ModelConfig, ParameterShape, Rotation } from '../../contract/model.ts';

/** Pre-norms and a SiLU gate, as the plainest family has them. */
export const plainRecipe: BlockRecipe = {
	norms: {
		beforeAttention: 'input_layernorm',
		afterAttention: null,
		beforeMlp: 'post_attention_layernorm',
		afterMlp: null,
	},
	gain: 'weight',
	queryKeyNorm: null,
	mlp: 'swiglu',
	scales: { embedding: 1, attention: null, residual: 1, logits: 1 },
};

export const recipeOf = ({ recipe, queryKeyNorm }: ModelConfig): BlockRecipe =>
	recipe ?? { ...plainRecipe, queryKeyNorm: queryKeyNorm ? 'head' : null };

/** Of every layer; null where it does not rotate. */
export const rotationsOf = (config: ModelConfig): readonly (Rotation | null)[] =>
	config.rotations ??
	Array.from({ length: config.layers }, () => ({
		theta: config.ropeTheta,
		scaling: config.ropeScaling,
	}));

/** Numbers of xIELU that are in the file and never train. */
const buffers = ['mlp.act_fn.beta', 'mlp.act_fn.eps'] as const;

export const isBuffer = (name: string): boolean => buffers.some((buffer) => name.endsWith(buffer));

/** Every parameter of the model with its Hugging Face name; no `lm_head.weight` where it is the embedding itself. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
	const embedding = [config.vocabularySize, config.hiddenSize];
	const shapes: ParameterShape[] = [
		{ name: 'model.embed_tokens.weight', shape: embedding, layer: null },
	];
	for (let layer = 0; layer < config.layers; layer++) shapes.push(...layerShapes(config, layer));
	shapes.push({ name: 'model.norm.weight', shape: [config.hiddenSize], layer: null });
	if (!config.tiedEmbeddings) {
		shapes.push({ name: 'lm_head.weight', shape: embedding, layer: null });
	}
	return shapes;
}

function layerShapes(config: ModelConfig, layer: number): ParameterShape[] {
	const { hiddenSize, intermediateSize, headDim } = config;
	const { norms, queryKeyNorm, mlp } = recipeOf(config);
	const queries = config.heads * headDim;
	const keys = config.keyValueHeads * headDim;
	const shapes: ParameterShape[] = [];
	const add = (name: string, ...shape: number[]) =>
		shapes.push({ name: `model.layers.${layer}.${name}`, shape, layer });
	const project = (name: string, outputs: number, inputs: number, bias: boolean) => {
		add(`self_attn.${name}_proj.weight`, outputs, inputs);
		if (bias) add(`self_attn.${name}_proj.bias`, outputs);
	};
	project('q', queries, hiddenSize, config.queryKeyValueBias);
	project('k', keys, hiddenSize, config.queryKeyValueBias);
	project('v', keys, hiddenSize, config.queryKeyValueBias);
	project('o', hiddenSize, queries, config.outputBias);
	if (queryKeyNorm !== null) {
		add('self_attn.q_norm.weight', queryKeyNorm === 'head' ? headDim : queries);
		add('self_attn.k_norm.weight', queryKeyNorm === 'head' ? headDim : keys);
	}
	if (mlp !== 'xielu') add('mlp.gate_proj.weight', intermediateSize, hiddenSize);
	add('mlp.up_proj.weight', intermediateSize, hiddenSize);
	add('mlp.down_proj.weight', hiddenSize, intermediateSize);
	if (mlp === 'xielu') {
		for (const alpha of ['alpha_p', 'alpha_n']) add(`mlp.act_fn.${alpha}`, 1);
		for (const buffer of buffers) add(buffer);
	}
	const { beforeAttention, afterAttention, beforeMlp, afterMlp } = norms;
	for (const norm of [beforeAttention, afterAttention, beforeMlp, afterMlp])
		if (norm !== null) add(`${norm}.weight`, hiddenSize);
	return shapes;
}
