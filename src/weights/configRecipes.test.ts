/** Families whose block is put together otherwise: what their configuration says, and what is refused of it. */
import { describe, expect, test } from 'vitest';
import { parameterShapes } from '../engine/model/recipe.ts';
import { configNotes, parseConfig } from './config.ts';
import { tinyLlama } from './testing.ts';

/** Without what families have defaults for. */
const sizes = {
	...{ hidden_size: 16, intermediate_size: 6, vocab_size: 8 },
	...{ num_hidden_layers: 7, num_attention_heads: 4 },
};
const parse = (change: object) => parseConfig({ ...sizes, ...change }, 'config.json');

/** As `Config()` of transformers 5.18 prints them. */
test.each([
	['gemma3_text', { headDim: 256, contextLength: 131072, rmsNormEpsilon: 1e-6, ropeTheta: 1e4 }],
	['smollm3', { contextLength: 32768, rmsNormEpsilon: 1e-6, ropeTheta: 2e6 }],
	['olmo2', { contextLength: 2048, rmsNormEpsilon: 1e-5, ropeTheta: 1e4 }],
	['apertus', { contextLength: 65536, rmsNormEpsilon: 1e-5, ropeTheta: 1.2e7 }],
	['granite', { contextLength: 2048, rmsNormEpsilon: 1e-6, ropeTheta: 1e4 }],
])('the defaults of %s', (model_type, defaults) => {
	const config = parse({ model_type });
	expect(config).toMatchObject({ ...defaults, keyValueHeads: 4 });
	expect(config.tiedEmbeddings).toBe(['gemma3_text', 'smollm3'].includes(model_type));
});

describe('gemma3_text', () => {
	const gemma = { model_type: 'gemma3_text', head_dim: 4 };

	test('every sixth layer attends to all and has a base of its own', () => {
		const { windows, rotations } = parse({ ...gemma, sliding_window: 9 });
		expect(windows).toEqual([9, 9, 9, 9, 9, null, 9]);
		expect(rotations?.map((rotation) => rotation?.theta)).toEqual([
			1e4, 1e4, 1e4, 1e4, 1e4, 1e6, 1e4,
		]);
	});

	test('layer_types win over a pattern, own settings over those of old files, flat ones are not read', () => {
		const layer_types = ['full_attention', ...Array<string>(6).fill('sliding_attention')];
		const thetas = (change: object) =>
			parse({ ...gemma, layer_types, sliding_window_pattern: 2, ...change })
				.rotations?.slice(0, 2)
				.map((rotation) => rotation?.theta);
		expect(thetas({ rope_theta: 5, rope_local_base_freq: 7 })).toEqual([5, 7]);
		expect(thetas({ rope_parameters: { rope_type: 'default', rope_theta: 99 } })).toEqual([
			1e6, 1e4,
		]);
		const rope_parameters = { full_attention: { rope_theta: 3 } };
		expect(thetas({ rope_parameters, rope_theta: 5, rope_local_base_freq: 7 })).toEqual([3, 7]);
	});

	test('scores by query_pre_attn_scalar; the embedding by the root of its width, rounded as the weights', () => {
		const scales = (change: object) =>
			parse({ ...gemma, hidden_size: 640, ...change }).recipe?.scales;
		expect(scales({ query_pre_attn_scalar: 16 })?.attention).toBe(0.25);
		expect(scales({})?.attention).toBe(256 ** -0.5);
		expect(scales({ dtype: 'float32' })?.embedding).toBe(Math.sqrt(640));
		expect(scales({ torch_dtype: 'bfloat16' })?.embedding).toBe(25.25);
	});
});

test('smollm3 rotates where no_rope_layers says 1, else but in every fourth layer', () => {
	const rotates = (change: object) =>
		parse({ model_type: 'smollm3', ...change })
			.rotations?.map((rotation) => (rotation === null ? 0 : 1))
			.join('');
	expect(rotates({})).toBe('1110111');
	expect(rotates({ no_rope_layer_interval: 2 })).toBe('1010101');
	expect(rotates({ no_rope_layers: [0, 1, 1, 0, 0, 1, 1], no_rope_layer_interval: 2 })).toBe(
		'0110011',
	);
});

test('apertus scales its rotation unless told not to', () => {
	const scaling = (change: object) => {
		const { ropeTheta, ropeScaling } = parse({ model_type: 'apertus', ...change });
		return [ropeTheta, ropeScaling?.factor ?? null];
	};
	expect(scaling({ rope_theta: 5, rope_scaling: null })).toEqual([1.2e7, 8]);
	expect(scaling({ rope_parameters: { rope_type: 'default', rope_theta: 5 } })).toEqual([5, null]);
	const rope_scaling = { rope_type: 'llama3', factor: 2, low_freq_factor: 1, high_freq_factor: 4 };
	expect(scaling({ rope_theta: 5, rope_scaling })).toEqual([5, 2]);
});

test('granite divides logits, and an absent factor is 1', () => {
	const scales = (change: object) => parse({ model_type: 'granite', ...change }).recipe?.scales;
	expect(scales({})).toEqual({ embedding: 1, attention: 1, residual: 1, logits: 1 });
	expect(scales({ logits_scaling: 8, attention_multiplier: 0.5 })).toMatchObject({
		...{ logits: 0.125, attention: 0.5 },
	});
});

test.each([
	['gemma3_text', ['input', 'post_attention', 'pre_feedforward', 'post_feedforward'], true],
	['olmo2', ['post_attention', 'post_feedforward'], true],
	['apertus', ['attention', 'feedforward'], false],
	['granite', ['input', 'post_attention'], true],
] as const)('the norms and the gate of %s', (model_type, norms, gated) => {
	const names = parameterShapes(parse({ model_type, head_dim: 4 }))
		.filter(({ layer }) => layer === 3)
		.map(({ name }) => name.replace('model.layers.3.', ''));
	const found = names.filter((name) => name.endsWith('layernorm.weight'));
	expect(found).toEqual(norms.map((norm) => `${norm}_layernorm.weight`));
	expect(names.includes('mlp.gate_proj.weight')).toBe(gated);
});

test.each([
	['gemma3_text', { final_logit_softcapping: 30 }, '"final_logit_softcapping": 30'],
	['gemma3_text', { use_bidirectional_attention: true }, '"use_bidirectional_attention": true'],
	['gemma3_text', { hidden_activation: 'gelu' }, '"hidden_activation": "gelu" is not supported'],
	['gemma3_text', { sliding_window_pattern: 0 }, '"sliding_window_pattern" is 0, expected a whole'],
	['gemma3_text', { rope_scaling: { rope_type: 'linear', factor: 8 } }, 'rope type "linear" in'],
	['smollm3', { use_sliding_window: true, sliding_window: 8 }, '"use_sliding_window": true'],
	['smollm3', { no_rope_layers: [1, 0] }, '"no_rope_layers" is no list'],
	['smollm3', { no_rope_layers: [1, 1, 2, 1, 1, 1, 1] }, '"no_rope_layers"[2] is 2'],
	['apertus', { hidden_act: 'silu' }, '"hidden_act": "silu" is not supported; needed is xielu'],
	['granite', { logits_scaling: 0 }, '"logits_scaling" is 0'],
	['granite', { residual_multiplier: 'x' }, '"residual_multiplier" is "x", expected a number'],
	['olmo2', { clip_qkv: 8 }, '"clip_qkv": 8 is not supported'],
	['gemma3', {}, 'model type "gemma3" is not supported; supported are llama'],
])('%s with %j is refused', (model_type, change, message) => {
	expect(() => parse({ model_type, head_dim: 4, ...change })).toThrow(`config.json: ${message}`);
});

test('keys that a published file has and nothing reads are no news', () => {
	const notes = (model_type: string, change: object) =>
		configNotes({ ...tinyLlama, model_type, ...change }, model_type, 'config.json');
	expect(notes('apertus', { qk_norm: true, post_norm: false, mlp_bias: false })).toEqual([]);
	expect(notes('gemma3_text', { cache_implementation: 'hybrid', hidden_act: 'silu' })).toEqual([]);
	expect(notes('olmo2', { sliding_window: 8 })).toEqual([
		'config.json: "sliding_window" is not used: a model of type olmo2 attends to all.',
	]);
});
