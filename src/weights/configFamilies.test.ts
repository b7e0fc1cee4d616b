/** What each family takes for a key that is absent, what it attends to, and which parameters it has. */
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { tinyLlama } from './testing.ts';

const parse = (change: object) => parseConfig({ ...tinyLlama, ...change }, 'config.json');
/** 32 heads, as many as the families take for absent heads of keys and values. */
const wide = { hidden_size: 64, num_attention_heads: 32 };

test.each([
	['llama', { keyValueHeads: 32, headDim: 2, contextLength: 2048, bosTokenId: 1 }, [2]],
	['mistral', { keyValueHeads: 8, headDim: 2, contextLength: 131072, bosTokenId: 1 }, [2]],
	['qwen2', { keyValueHeads: 32, headDim: 2, contextLength: 32768, bosTokenId: null }, []],
	['qwen3', { keyValueHeads: 32, headDim: 128, contextLength: 32768, bosTokenId: null }, []],
])('the defaults of %s', (model_type, defaults, eosTokenIds) => {
	expect(parse({ ...wide, model_type })).toMatchObject({ ...defaults, eosTokenIds });
});

test('sizes that are null follow from the others, whatever the family takes for absent ones', () => {
	const unstated = { num_key_value_heads: null, head_dim: null };
	for (const model_type of ['mistral', 'qwen3'])
		expect(parse({ ...wide, ...unstated, model_type })).toMatchObject({
			keyValueHeads: 32,
			headDim: 2,
		});
	const stated = { num_key_value_heads: 4, head_dim: 6, max_position_embeddings: 12 };
	expect(parse({ ...wide, ...stated, rms_norm_eps: 0 })).toMatchObject({
		...{ keyValueHeads: 4, headDim: 6, contextLength: 12, rmsNormEpsilon: 0 },
	});
});

test('attention_bias gives biases to llama and qwen3 alone', () => {
	const biases = (model_type: string, attention_bias: boolean) => {
		const { queryKeyValueBias, outputBias } = parse({ ...wide, model_type, attention_bias });
		return [queryKeyValueBias, outputBias];
	};
	expect(biases('llama', true)).toEqual([true, true]);
	expect(biases('llama', false)).toEqual([false, false]);
	expect(biases('qwen3', true)).toEqual([true, true]);
	expect(biases('mistral', true)).toEqual([false, false]);
	expect(biases('qwen2', true)).toEqual([true, false]);
});

test('the names and shapes of a model with everything', () => {
	const model_type = 'qwen3';
	const heads = { num_key_value_heads: 1, head_dim: 4, attention_bias: true };
	const config = parse({ ...heads, model_type, num_hidden_layers: 1 });
	const everything = [
		['model.embed_tokens.weight', null, 8, 4],
		['model.layers.0.self_attn.q_proj.weight', 0, 8, 4],
		['model.layers.0.self_attn.q_proj.bias', 0, 8],
		['model.layers.0.self_attn.k_proj.weight', 0, 4, 4],
		['model.layers.0.self_attn.k_proj.bias', 0, 4],
		['model.layers.0.self_attn.v_proj.weight', 0, 4, 4],
		['model.layers.0.self_attn.v_proj.bias', 0, 4],
		['model.layers.0.self_attn.o_proj.weight', 0, 4, 8],
		['model.layers.0.self_attn.o_proj.bias', 0, 4],
		['model.layers.0.self_attn.q_norm.weight', 0, 4],
		['model.layers.0.self_attn.k_norm.weight', 0, 4],
		['model.layers.0.mlp.gate_proj.weight', 0, 6, 4],
		['model.layers.0.mlp.up_proj.weight', 0, 6, 4],
		['model.layers.0.mlp.down_proj.weight', 0, 4, 6],
		['model.layers.0.input_layernorm.weight', 0, 4],
		['model.layers.0.post_attention_layernorm.weight', 0, 4],
		['model.norm.weight', null, 4],
		['lm_head.weight', null, 8, 4],
	].map(([name, layer, ...shape]) => ({ name, layer, shape }));
	expect(parameterShapes(config)).toEqual(everything);
	expect(parameterShapes({ ...config, tiedEmbeddings: true })).toEqual(everything.slice(0, -1));
	const plain = parameterShapes(parse({ num_hidden_layers: 1 })).map(({ name }) => name);
	expect(plain.filter((name) => /bias|q_norm|k_norm/.test(name))).toEqual([]);
});

describe('the window', () => {
	const qwen = { ...wide, model_type: 'qwen2', use_sliding_window: true };

	test('of Qwen begins at layer 28, at 4096 tokens, where nothing else is stated', () => {
		for (const model_type of ['qwen2', 'qwen3']) {
			const { windows } = parse({ ...qwen, model_type, num_hidden_layers: 30 });
			expect(windows.slice(26)).toEqual([null, null, 4096, 4096]);
		}
	});

	test('of llama is none, nor of Qwen where it is off', () => {
		expect(parse({ sliding_window: 7, use_sliding_window: true }).windows).toEqual([null, null]);
		expect(parse({ ...qwen, sliding_window: null, max_window_layers: 0 }).windows).toEqual([
			null,
			null,
		]);
		const full = { layer_types: ['full_attention', 'full_attention'] };
		expect(parse(full).windows).toEqual([null, null]);
		expect(parse({ ...qwen, ...full }).windows).toEqual([null, null]);
	});

	test.each([
		[{ model_type: 'mistral' }, 'full_attention', '4096 of model type "mistral"'],
		[{}, 'sliding_attention', 'off of model type "llama"'],
		[qwen, 'chunked_attention', '4096 of model type "qwen2"'],
	])('of %j does not fit a layer of %s', (change, type, told) => {
		const first = 'model_type' in change ? 'sliding_attention' : 'full_attention';
		expect(() => parse({ ...wide, ...change, layer_types: [first, type] })).toThrow(
			`config.json: "layer_types"[1] "${type}" does not fit "sliding_window" ${told}`,
		);
	});

	test('needs a type for every layer', () => {
		expect(() => parse({ layer_types: ['full_attention'] })).toThrow(
			'config.json: "layer_types" names 1 layers, "num_hidden_layers" is 2',
		);
	});
});

describe('refuses', () => {
	test.each([
		[{ hidden_size: 0 }, '"hidden_size" is 0, expected >=1'],
		[{ hidden_size: 1.5 }, '"hidden_size" is 1.5, expected'],
		[{ vocab_size: 2 ** 31 }, '"vocab_size" is 2147483648, expected <=2147483647'],
		[{ vocab_size: null }, '"vocab_size" is null, expected number'],
		[{ rms_norm_eps: -1 }, '"rms_norm_eps" is -1, expected >=0'],
		[{ bos_token_id: 1.5 }, '"bos_token_id" is 1.5, expected'],
		[{ eos_token_id: [1, 'x'] }, '"eos_token_id'],
		[{ max_window_layers: -1 }, '"max_window_layers" is -1, expected >=0'],
		[{ max_window_layers: 0.5 }, '"max_window_layers" is 0.5, expected'],
		[{ layer_types: ['full_attention', 7] }, '"layer_types.1" is 7, expected string'],
		[{ rope_scaling: 'none' }, '"rope_scaling" is "none", expected Object'],
		[{ num_hidden_layers: undefined }, '"num_hidden_layers" is missing'],
		[{ model_type: 'constructor' }, 'model type "constructor" is not supported; supported are'],
		[{ model_type: 7 }, '"model_type" is missing, so the architecture is unknown; supported are'],
		[
			{ architectures: ['A', 'B'] },
			'"architectures": ["A","B"] is not supported; needed is LlamaForCausalLM',
		],
		[
			{ num_attention_heads: 2, num_key_value_heads: 3 },
			'"num_attention_heads" 2 is not a multiple of "num_key_value_heads" 3',
		],
		[
			{ hidden_size: 5 },
			'a head of 2.5 numbers cannot be rotated: "head_dim", or "hidden_size" 5 / "num_attention_heads" 2, must be ' +
				'an even whole number',
		],
		[{ head_dim: 3 }, 'a head of 3 numbers cannot be rotated'],
	])('%j', (change, message) => {
		expect(() => parse(change)).toThrow(`config.json: ${message}`);
	});

	test.each([
		['mistral', 'MistralForCausalLM'],
		['qwen2', 'Qwen2ForCausalLM'],
		['qwen3', 'Qwen3ForCausalLM'],
	])('every architecture of %s but %s', (model_type, architecture) => {
		const named = (...architectures: string[]) => parse({ ...wide, model_type, architectures });
		expect(() => named('LlamaForCausalLM')).toThrow(`needed is ${architecture}`);
		expect(named('Other', architecture).family).toBe(model_type);
		expect(named().family).toBe(model_type);
	});

	test('what is no object, as no config.json', () => {
		for (const json of [null, [], 'llama'])
			expect(() => parseConfig(json, 'c.json')).toThrow(
				'c.json: not a JSON object; it must be the config.json of a Hugging Face model',
			);
	});
});

test('ids that are null or outside the vocabulary never occur', () => {
	const { bosTokenId, eosTokenIds } = parse({ bos_token_id: -1, eos_token_id: [8, 7, 0, -1] });
	expect([bosTokenId, eosTokenIds]).toEqual([null, [7, 0]]);
	expect(parse({ bos_token_id: 0, eos_token_id: null })).toMatchObject({
		bosTokenId: 0,
		eosTokenIds: [],
	});
	expect(parse({ eos_token_id: 5 }).eosTokenIds).toEqual([5]);
});
