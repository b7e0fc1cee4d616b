/** Model folders: configuration, weights in safetensors, shards. */
import { parseHparams, readCometOptions } from '../../weights/cometOptions.ts';
import { parseConfig } from '../../weights/config.ts';
import { parameterShapes } from '../../engine/model/recipe.ts';
import { parseEncoderConfig } from '../../weights/encoderConfig.ts';
import { openModelFolder } from '../../weights/folder.ts';
import { parseJson } from '../../weights/input.ts';
import { openTensors, type TensorIndex } from '../../weights/safetensors.ts';
import { memorySource } from '../memorySource.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { safetensorsMutators } from '../mutate/lengths.ts';
import { textMutators } from '../mutate/text.ts';
import { type Bytes, claim, jsonBytes, type Target, utf8 } from '../target.ts';
import { filled, safetensorsOf, tinyConfig, tinyWeights } from './tinyModel.ts';

/** Every value of every tensor, and of matrices a few rows. */
async function readAll(tensors: TensorIndex): Promise<void> {
	for (const name of tensors.names) {
		const shape = tensors.shape(name);
		const values = await tensors.read(name);
		claim(values.length === shape.reduce((a, b) => a * b, 1), `"${name}" is of another size`);
		if (shape.length === 2) await tensors.readRows(name, [0, 1, 1]);
	}
}

export const safetensors: Target = {
	name: 'safetensors',
	seeds: () => [
		safetensorsOf([filled('a', 2, 3), filled('b', 2, 1), filled('scalar')]),
		safetensorsOf([filled('model.embed_tokens.weight', 4, 4), filled('w', 2, 2)], 'BF16'),
		tinyWeights(),
	],
	mutators: [...byteMutators, ...safetensorsMutators, ...safetensorsMutators],
	read: async (bytes) => readAll(await openTensors([memorySource('model.safetensors', bytes)])),
};

const shardFiles = ['model-1.safetensors', 'model-2.safetensors'] as const;

export const shards: Target = {
	name: 'shards',
	seeds: () => [
		jsonBytes({
			metadata: { total_size: 24 },
			weight_map: { a: shardFiles[0], b: shardFiles[1] },
		}),
	],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	async read(bytes) {
		const [first, second] = shardFiles;
		await readAll(
			await openTensors([
				memorySource('model.safetensors.index.json', bytes),
				memorySource(first, safetensorsOf([filled('a', 2, 2)])),
				memorySource(second, safetensorsOf([filled('b', 2)])),
			]),
		);
	},
};

const qwen = {
	...tinyConfig,
	architectures: ['Qwen3ForCausalLM'],
	model_type: 'qwen3',
	head_dim: 2,
};
const configs = [
	tinyConfig,
	{
		...tinyConfig,
		rope_scaling: {
			...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
			original_max_position_embeddings: 32,
		},
	},
	{ ...tinyConfig, rope_parameters: { rope_type: 'default', rope_theta: 500000 } },
	{
		...tinyConfig,
		...{ architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: 16 },
	},
	{ ...qwen, use_sliding_window: true, sliding_window: 8, max_window_layers: 1 },
	{ ...qwen, layer_types: ['full_attention', 'full_attention'], attention_bias: true },
	{
		...tinyConfig,
		...{ architectures: ['Gemma3ForCausalLM'], model_type: 'gemma3_text', head_dim: 4 },
		...{ query_pre_attn_scalar: 4, sliding_window: 8, sliding_window_pattern: 2 },
		rope_parameters: { full_attention: { rope_theta: 1e6 }, sliding_attention: {} },
	},
	{
		...tinyConfig,
		...{ architectures: ['SmolLM3ForCausalLM'], model_type: 'smollm3', no_rope_layers: [1, 0] },
	},
	{ ...tinyConfig, architectures: ['Olmo2ForCausalLM'], model_type: 'olmo2' },
	{
		...tinyConfig,
		architectures: ['ApertusForCausalLM'],
		model_type: 'apertus',
		hidden_act: 'xielu',
	},
	{
		...tinyConfig,
		...{ architectures: ['GraniteForCausalLM'], model_type: 'granite', residual_multiplier: 0.2 },
		...{ embedding_multiplier: 12, attention_multiplier: 0.1, logits_scaling: 8 },
	},
];

export const config: Target = {
	name: 'config',
	seeds: () => configs.map(jsonBytes),
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators, ...jsonMutators],
	async read(bytes) {
		const architecture = parseConfig(parseJson(bytes, 'config.json'), 'config.json');
		const shapes = parameterShapes(architecture);
		const sizes = shapes.flatMap(({ shape }) => shape);
		claim(
			[...sizes, architecture.contextLength].every((size) => Number.isSafeInteger(size)),
			'a size is no whole number',
		);
		// Of the others the weights do not fit.
		if (architecture.family !== 'llama') return;
		await openModelFolder(
			[memorySource('config.json', bytes), memorySource('model.safetensors', tinyWeights())],
			'tiny',
			'weights',
		);
	},
};

const encoder = {
	model_type: 'xlm-roberta',
	hidden_size: 8,
	intermediate_size: 12,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	vocab_size: 61,
	max_position_embeddings: 34,
	type_vocab_size: 1,
	layer_norm_eps: 1e-5,
	pad_token_id: 1,
	hidden_act: 'gelu',
};

export const encoderConfig: Target = {
	name: 'encoder-config',
	seeds: () => [jsonBytes(encoder)],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	read: async (bytes) => {
		await Promise.resolve();
		parseEncoderConfig(parseJson(bytes, 'config.json'), 'config.json');
	},
};

const hparamsYaml =
	'class_identifier: regression_metric\nencoder_model: XLM-RoBERTa\nlayer: mix\npool: avg\n' +
	"layer_norm: false\nactivations: 'Tanh'\nfinal_activation: null\nhidden_sizes:\n- 3072\n- 1024\n";

export const hparams: Target = {
	name: 'hparams',
	seeds: () => [utf8(hparamsYaml)],
	mutators: [...byteMutators, ...textMutators],
	read: async (bytes: Bytes) => {
		await Promise.resolve();
		readCometOptions(parseHparams(new TextDecoder().decode(bytes)), 'hparams.yaml');
	},
};
