/** Each key of a config.json changes nothing, is refused by its name, or is told. */
import { describe, expect, test } from 'vitest';
import { configNotes, parseConfig } from './config.ts';
import { tinyLlama } from './testing.ts';

const parse = (change: object) => parseConfig({ ...tinyLlama, ...change }, 'config.json');
const notes = (change: object) => configNotes({ ...tinyLlama, ...change }, 'llama', 'config.json');

/** A key, a value that asks for another model, and the values that do not. */
const judged: [key: string, other: unknown, ...same: unknown[]][] = [
	['hidden_act', 'gelu', 'silu', 'swish'],
	['mlp_bias', true, false],
	['attention_dropout', 0.1, 0],
	['quantization_config', { bits: 4 }],
	['transformers_weights', 'other.safetensors'],
	['per_layer_config', { 0: {} }],
	['is_causal', false, true],
	['is_encoder_decoder', true, false],
	['add_cross_attention', true, false],
	['use_bidirectional_attention', true, false],
	['attention_chunk_size', 8192],
	['partial_rotary_factor', 0.5, 1],
	['rotary_pct', 0.25, 1],
	['rotary_percent', 0.25, 1],
	['rope_interleaved', true, false],
	['rope_local_base_freq', 10000],
	['use_mrope', true, false],
	['no_rope_layers', [1, 0]],
	['no_rope_layer_interval', 4],
	['alibi', true, false],
	['use_alibi', true, false],
	['position_embedding_type', 'absolute', 'rope', 'rotary'],
	['attention_multiplier', 0.1],
	['embedding_multiplier', 12, 1],
	['residual_multiplier', 0.22, 1],
	['logits_scaling', 8, 1],
	['logit_scale', 0.0625, 1],
	['attn_logit_softcapping', 50],
	['final_logit_softcapping', 30],
	['query_pre_attn_scalar', 224],
	['scale_emb', 12, 1],
	['scale_depth', 1.4],
	['dim_model_base', 256],
	['use_qk_norm', true, false],
	['qk_norm', true, false],
	['qk_layernorm', true, false],
	['clip_qkv', 8],
	['norm_type', 'layernorm', 'rmsnorm', 'rms_norm', 'RMSNorm'],
	['parallel_attn', true, false],
	['use_parallel_residual', true, false],
	['num_experts', 64, 0],
	['num_local_experts', 8, 0],
	['n_routed_experts', 64, 0],
];

describe('a key that another model has', () => {
	test.each(judged)('%s: %j is refused', (...[key, other, ...same]) => {
		expect(() => parse({ [key]: other })).toThrow(
			`config.json: "${key}": ${JSON.stringify(other)} is not supported; supported are llama`,
		);
		for (const value of [null, ...same]) {
			expect(() => parse({ [key]: value })).not.toThrow();
			expect(notes({ [key]: value })).toEqual([]);
		}
	});

	test('is refused with the beginning of a long value', () => {
		const long = (length: number) => 'x'.repeat(length - 2);
		expect(() => parse({ clip_qkv: long(200) })).toThrow(`"${long(200)}" is not supported`);
		expect(() => parse({ clip_qkv: long(201) })).toThrow(`: "${long(201)}… is not supported`);
	});
});

test('what transformers and unsloth write beside the architecture is not told', () => {
	const origin = ['_name_or_path', 'name_or_path', '_commit_hash', 'transformers_version'];
	const maker = ['model_name', 'unsloth_fixed', 'unsloth_version', 'tokenizer_class'];
	const types = ['dtype', 'torch_dtype', 'use_bfloat16', 'torchscript', '_attn_implementation'];
	const kernels = ['attn_implementation', '_attn_implementation_internal', 'pretraining_tp'];
	const internal = ['_attn_implementation_autoset', '_experts_implementation_internal'];
	const begins = ['chunk_size_feed_forward', 'initializer_range', 'pruned_heads'];
	const output = ['use_cache', 'output_attentions', 'output_hidden_states', 'return_dict'];
	const generates = ['use_return_dict', 'output_scores', 'return_dict_in_generate'];
	const tasks = ['id2label', 'label2id', 'num_labels', 'problem_type', 'finetuning_task'];
	const decoders = ['is_decoder', 'tie_encoder_decoder', 'tie_last_hidden_states', 'prefix'];
	const crossed = ['cross_attention_hidden_size', 'decoder_start_token_id'];
	const lengths = ['task_specific_params', 'max_length', 'min_length', 'max_new_tokens'];
	const beams = ['do_sample', 'early_stopping', 'num_beams', 'num_beam_groups', 'temperature'];
	const sampling = ['diversity_penalty', 'top_k', 'top_p', 'typical_p', 'repetition_penalty'];
	const penalties = ['length_penalty', 'no_repeat_ngram_size', 'bad_words_ids'];
	const forced = ['encoder_no_repeat_ngram_size', 'num_return_sequences', 'forced_bos_token_id'];
	const others = ['forced_eos_token_id', 'remove_invalid_values', 'suppress_tokens'];
	const tokens = ['exponential_decay_length_penalty', 'begin_suppress_tokens', 'pad_token_id'];
	const rest = ['sep_token_id', 'original_max_position_embeddings'];
	const keys = [
		...[origin, maker, types, kernels, internal, begins, output, generates, tasks, decoders],
		...[crossed, lengths, beams, sampling, penalties, forced, others, tokens, rest],
	].flat();
	expect(notes(Object.fromEntries(keys.map((key) => [key, 7])))).toEqual([]);
});

test('what nobody knows is told in one sentence', () => {
	expect(notes({ novel: 1 })).toEqual([
		'config.json: "novel" is not known here and not used; transformers ignores it too.',
	]);
	expect(notes({ novel: 1, newer: false })).toEqual([
		'config.json: "novel", "newer" are not known here and not used; transformers ignores it too.',
	]);
	const many = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]));
	expect(notes(many(8))[0]).toMatch(/"key7" are not known/);
	expect(notes(many(9))[0]).toMatch(/"key7" and 1 more are not known/);
	expect(notes({ ['n'.repeat(61)]: 1 })[0]).toMatch(/: "n{60}" is not known/);
});

test('a window that llama has not, and code that came along, are told', () => {
	const window = 'config.json: "sliding_window" is not used: a model of type llama attends to all.';
	const code =
		'config.json: "auto_map" names code that came with the model; it is not run, "model_type" says what is computed.';
	expect(notes({ sliding_window: 16, auto_map: {} })).toEqual([window, code]);
	expect(notes({ sliding_window: null, auto_map: null })).toEqual([]);
	expect(configNotes({ ...tinyLlama, sliding_window: 16 }, 'mistral', 'config.json')).toEqual([]);
});
