import { describe, expect, test } from 'vitest';
import { configNotes, parseConfig } from './config.ts';
import { parameterShapes, plainRecipe } from '../engine/model/recipe.ts';

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
			familyLabel: 'Llama',
			recipe: plainRecipe,
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

	test('resolves rotary settings that disagree as transformers does', () => {
		const settings = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
		const llama3 = { rope_type: 'llama3', ...settings, original_max_position_embeddings: 32 };
		const rope_parameters = { rope_type: 'default', rope_theta: 5e5 };
		// All of rope_parameters is put aside, its base frequency, too.
		const both = parse({ ...llama, rope_parameters, rope_scaling: llama3 });
		expect(both).toMatchObject({ ropeTheta: 1e4, ropeScaling: { factor: 8 } });
		const beside = parse({ ...llama, rope_parameters, rope_scaling: llama3, rope_theta: 7 });
		expect(beside.ropeTheta).toBe(7);
		const inside = { ...llama3, rope_theta: 9 };
		expect(parse({ ...llama, rope_scaling: inside, rope_theta: 7 }).ropeTheta).toBe(9);
		for (const rope_scaling of [null, {}])
			expect(parse({ ...llama, rope_parameters, rope_scaling })).toMatchObject({
				ropeTheta: 5e5,
				ropeScaling: null,
			});
		const length = parse({ ...llama, rope_scaling: llama3, original_max_position_embeddings: 64 });
		expect(length.ropeScaling).toMatchObject({ originalContextLength: 64 });
		const unstated = { rope_type: 'llama3', ...settings };
		expect(parse({ ...llama, rope_scaling: unstated }).ropeScaling).toMatchObject({
			originalContextLength: 2048,
		});
	});

	test('says which settings are not used, and nothing of a file that is like any other', () => {
		const notes = (change: object) => configNotes({ ...llama, ...change }, 'llama', 'config.json');
		const common = {
			...{ torch_dtype: 'bfloat16', use_cache: true, pretraining_tp: 2, pad_token_id: 0 },
			...{ transformers_version: '4.44.0', initializer_range: 0.02, attention_dropout: 0.0 },
		};
		expect(notes(common)).toEqual([]);
		expect(notes({ rope_scaling: { rope_type: 'default' }, rope_parameters: { a: 1 } })).toEqual([
			expect.stringMatching(/"rope_scaling" is used in place of "rope_parameters"/),
		]);
		expect(notes({ novel: 1, newer: false, none: null })).toEqual([
			expect.stringMatching(/"novel", "newer" are not known here and not used/),
		]);
		expect(notes({ sliding_window: 16 })[0]).toMatch(/"sliding_window" is not used/);
		expect(notes({ auto_map: { AutoModel: 'x.Y' } })[0]).toMatch(/"auto_map" names code/);
		const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]));
		expect(notes(many)[0]).toMatch(/"key7" and 992 more are not known/);
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
		const outside = parse({ ...llama, eos_token_id: [97, 96, -1], bos_token_id: 97 });
		expect(outside).toMatchObject({ eosTokenIds: [96], bosTokenId: null });
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
		[{ rope_scaling: { rope_type: 'linear', factor: 4 } }, /rope type "linear" in "rope_scaling"/],
		[{ rope_scaling: { type: 'dynamic', factor: 2 } }, /rope type "dynamic"/],
		[{ rope_parameters: { rope_type: null } }, /rope type null in "rope_parameters"/],
		[{ rope_theta: null }, /"rope_theta" is null/],
		[{ rope_theta: '1e6' }, /"rope_theta" is "1e6"/],
		[{ rope_parameters: { rope_theta: '1e6' } }, /"rope_theta" is "1e6"/],
		[{ partial_rotary_factor: 0.5 }, /"partial_rotary_factor": 0\.5/],
		[{ is_causal: false }, /"is_causal": false/],
		[{ per_layer_config: { 0: {} } }, /"per_layer_config"/],
		[{ transformers_weights: 'other.safetensors' }, /"transformers_weights"/],
		[{ attention_multiplier: 0.1 }, /"attention_multiplier"/],
		[{ logits_scaling: 8 }, /"logits_scaling"/],
		[{ final_logit_softcapping: 30 }, /"final_logit_softcapping"/],
		[{ use_qk_norm: true }, /"use_qk_norm"/],
		[{ num_local_experts: 8 }, /"num_local_experts"/],
		[{ num_hidden_layers: 1e6 }, /"num_hidden_layers" is 1000000, expected <=10000/],
		[{ num_hidden_layers: 1e12 }, /"num_hidden_layers" is 1000000000000/],
		[{ hidden_size: 1e15 }, /"hidden_size" is 1000000000000000/],
		[{ rms_norm_eps: Infinity }, /"rms_norm_eps" is Infinity/],
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
