import { describe, expect, test } from 'vitest';
import { parameterShapes, parseConfig } from './config.ts';

const sizes = {
	hidden_size: 32,
	intermediate_size: 72,
	num_hidden_layers: 4,
	num_attention_heads: 4,
	vocab_size: 97,
};
const llama = { model_type: 'llama', ...sizes };
const parse = (json: unknown) => parseConfig(json, 'config.json');

describe('parseConfig', () => {
	test('takes the defaults of transformers for a Llama config that states only sizes', () => {
		expect(parse(llama)).toEqual({
			family: 'llama',
			hiddenSize: 32,
			intermediateSize: 72,
			layers: 4,
			heads: 4,
			keyValueHeads: 4,
			headDim: 8,
			vocabularySize: 97,
			contextLength: 2048,
			rmsNormEpsilon: 1e-6,
			ropeTheta: 10000,
			ropeScaling: null,
			windows: [null, null, null, null],
			queryKeyValueBias: false,
			outputBias: false,
			queryKeyNorm: false,
			tiedEmbeddings: false,
			bosTokenId: 1,
			eosTokenIds: [2],
		});
	});

	test('reads both spellings of rotary settings alike', () => {
		const scaling = {
			factor: 8,
			low_freq_factor: 1,
			high_freq_factor: 4,
			original_max_position_embeddings: 32,
		};
		const versions = [
			{ rope_parameters: { rope_theta: 5e5, rope_type: 'llama3', ...scaling } },
			{ rope_theta: 5e5, rope_scaling: { rope_type: 'llama3', ...scaling } },
			{ rope_theta: 5e5, rope_scaling: { type: 'llama3', ...scaling } },
		];
		for (const version of versions) {
			const { ropeTheta, ropeScaling } = parse({ ...llama, ...version });
			expect(ropeTheta).toBe(5e5);
			expect(ropeScaling).toEqual({
				factor: 8,
				lowFrequencyFactor: 1,
				highFrequencyFactor: 4,
				originalContextLength: 32,
			});
		}
		expect(parse({ ...llama, rope_scaling: null }).ropeScaling).toBeNull();
	});

	test('slides in every Mistral layer, and not where sliding_window is null', () => {
		const mistral = { ...llama, model_type: 'mistral', num_key_value_heads: 2 };
		expect(parse(mistral).windows).toEqual([4096, 4096, 4096, 4096]);
		expect(parse({ ...mistral, sliding_window: 7 }).windows).toEqual([7, 7, 7, 7]);
		expect(parse({ ...mistral, sliding_window: null }).windows).toEqual([null, null, null, null]);
	});

	test('slides in the Qwen layers from max_window_layers on, or where layer_types say so', () => {
		const qwen = { ...llama, model_type: 'qwen2', num_key_value_heads: 2, sliding_window: 16 };
		expect(parse({ ...qwen, max_window_layers: 0 }).windows).toEqual([null, null, null, null]);
		const sliding = { ...qwen, use_sliding_window: true };
		expect(parse({ ...sliding, max_window_layers: 3 }).windows).toEqual([null, null, null, 16]);
		const layer_types = [
			'sliding_attention',
			'full_attention',
			'sliding_attention',
			'full_attention',
		];
		expect(parse({ ...sliding, layer_types }).windows).toEqual([16, null, 16, null]);
		expect(() => parse({ ...qwen, layer_types })).toThrow(/layer_types"\[0\]/);
		expect(() => parse({ ...qwen, layer_types: ['full_attention'] })).toThrow(/names 1 layers/);
	});

	test('gives each family its biases, norms, head size and special tokens', () => {
		const qwen2 = parse({ ...llama, model_type: 'qwen2', num_key_value_heads: 2 });
		expect(qwen2).toMatchObject({ queryKeyValueBias: true, outputBias: false, bosTokenId: null });
		const qwen3 = parse({ ...llama, model_type: 'qwen3', num_key_value_heads: 2 });
		expect(qwen3).toMatchObject({ headDim: 128, queryKeyNorm: true, queryKeyValueBias: false });
		const biased = parse({ ...llama, attention_bias: true });
		expect(biased).toMatchObject({ queryKeyValueBias: true, outputBias: true });
		const ids = parse({ ...llama, eos_token_id: [9, 10], bos_token_id: null });
		expect(ids).toMatchObject({ eosTokenIds: [9, 10], bosTokenId: null });
	});

	test.each([
		[{ model_type: 'gemma3' }, /"gemma3" is not supported; supported are llama.*mistral.*qwen3/],
		[{ model_type: undefined }, /"model_type" is missing/],
		[{ hidden_size: undefined }, /"hidden_size" is missing/],
		[{ hidden_size: '32' }, /"hidden_size" is "32", expected number/],
		[{ mlp_bias: true }, /"mlp_bias"/],
		[{ hidden_act: 'gelu' }, /"hidden_act": "gelu"/],
		[{ quantization_config: { bits: 4 } }, /"quantization_config"/],
		[{ no_rope_layers: [1, 1, 1, 0] }, /"no_rope_layers"/],
		[{ rope_scaling: { type: 'yarn', factor: 4 } }, /rope type "yarn" in "rope_scaling"/],
		[{ rope_scaling: { type: 'llama3', factor: 4 } }, /low_freq_factor" is missing/],
		[{ rope_parameters: { full_attention: { rope_theta: 1 } } }, /per layer type/],
		[{ architectures: ['LlamaForSequenceClassification'] }, /LlamaForCausalLM/],
		[{ num_key_value_heads: 3 }, /not a multiple of "num_key_value_heads" 3/],
		[{ num_attention_heads: 32, num_key_value_heads: 32 }, /a head of 1 numbers/],
		[{ eos_token_id: 97 }, /special token 97 is outside the vocabulary of 97/],
	])('refuses %j by name', (change, message) => {
		expect(() => parse({ ...llama, ...change })).toThrow(message);
		expect(() => parse({ ...llama, ...change })).toThrow(/^config\.json: /);
	});

	test.each([null, [], 'llama', 3])('refuses %j, which is no object', (json) => {
		expect(() => parse(json)).toThrow(/not a JSON object/);
	});
});

describe('parameterShapes', () => {
	test('counts the parameters of SmolLM2-360M and of Qwen2.5-0.5B', () => {
		const total = (json: unknown) =>
			parameterShapes(parse(json)).reduce(
				(sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
				0,
			);
		const smol = {
			model_type: 'llama',
			hidden_size: 960,
			intermediate_size: 2560,
			num_hidden_layers: 32,
			num_attention_heads: 15,
			num_key_value_heads: 5,
			vocab_size: 49152,
			tie_word_embeddings: true,
		};
		expect(total(smol)).toBe(361821120);
		const qwen = {
			model_type: 'qwen2',
			hidden_size: 896,
			intermediate_size: 4864,
			num_hidden_layers: 24,
			num_attention_heads: 14,
			num_key_value_heads: 2,
			vocab_size: 151936,
			tie_word_embeddings: true,
		};
		expect(total(qwen)).toBe(494032768);
	});
});
