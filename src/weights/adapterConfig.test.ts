/** `adapter_config.json`: what each key is read as or refused with, and the modules that it means. */
import { describe, expect, test } from 'vitest';
import { isSaved, isTarget, parseAdapterConfig } from './adapterConfig.ts';

const least = { peft_type: 'LORA', r: 2, lora_alpha: 6, target_modules: ['q_proj'] };
const parse = (change: object = {}) => parseAdapterConfig({ ...least, ...change });

test('the least that PEFT reads, with its defaults', () => {
	expect(parse()).toEqual({
		...{ rank: 2, alpha: 6, dropout: 0, scaling: 'standard', targets: ['q_proj'] },
		...{ layers: null, excluded: [], saved: [], ensuresTying: false },
	});
});

test('every setting that is used', () => {
	const stated = { lora_dropout: 0.5, use_rslora: true, exclude_modules: ['k'] };
	const placed = { modules_to_save: ['lm_head'], layers_to_transform: 3, layers_pattern: null };
	expect(parse({ ...stated, ...placed, ensure_weight_tying: true })).toEqual({
		...{ rank: 2, alpha: 6, dropout: 0.5, scaling: 'rank-stabilised', targets: ['q_proj'] },
		...{ layers: [3], excluded: ['k'], saved: ['lm_head'], ensuresTying: true },
	});
	expect(parse({ layers_to_transform: [] }).layers).toBeNull();
	expect(parse({ layers_to_transform: [0, 2] }).layers).toEqual([0, 2]);
	expect(parse({ target_modules: 'all-linear' }).targets).toBeNull();
	expect(parse({ exclude_modules: '.*k' })).toMatchObject({ targets: null, excluded: [] });
});

/** A key, and a value at which it asks for more than plain LoRA. */
const others: readonly (readonly [string, unknown])[] = [
	['bias', 'lora_only'],
	['bias', {}],
	['fan_in_fan_out', true],
	['use_dora', true],
	['lora_bias', true],
	['use_qalora', true],
	['task_type', 'SEQ_CLS'],
	['alora_invocation_tokens', []],
	['trainable_token_indices', [1]],
	['target_parameters', ['w']],
	['target_parameters', ''],
	['layer_replication', [[0, 2]]],
	['rank_pattern', { q_proj: 4 }],
	['alpha_pattern', { q_proj: 4 }],
	['megatron_config', { a: 1 }],
	['velora_config', { a: 1 }],
	['monteclora_config', { a: 1 }],
	['kasa_config', { a: 1 }],
	['arrow_config', { a: 1 }],
	['use_bdlora', 0],
	['init_lora_weights', 'pissa'],
];

describe('refuses', () => {
	test.each(others)('%s: %j', (key, value) => {
		expect(() => parse({ [key]: value })).toThrow(
			`adapter_config.json: "${key}": ${JSON.stringify(value)} is not supported; only plain LoRA can be read, with ` +
				'one rank and no bias',
		);
	});

	test.each([
		[{ novel: {} }, '"novel": {}: this setting is not known here;'],
		[{ hasOwnProperty: 1 }, '"hasOwnProperty": 1: this setting is not known here;'],
		[{ novel: 'x'.repeat(300) }, `"novel": "${'x'.repeat(199)}…: this setting is not known`],
		[{ ['n'.repeat(101)]: 1 }, `"${'n'.repeat(100)}": 1: this setting`],
		[{ peft_type: 'LOHA' }, '"peft_type": "LOHA" is not supported;'],
		[{ r: 2 ** 31 }, '"r": '],
		[{ r: 1.5 }, '"r": '],
		[{ lora_alpha: 0 }, '"lora_alpha": '],
		[{ lora_alpha: Infinity }, '"lora_alpha": '],
		[{ lora_dropout: 1 }, '"lora_dropout": '],
		[{ lora_dropout: -0.1 }, '"lora_dropout": '],
		[{ use_rslora: 'yes' }, '"use_rslora": '],
		[{ target_modules: [1] }, '"target_modules'],
		[{ target_modules: null }, '"target_modules": '],
		[{ modules_to_save: 'lm_head' }, '"modules_to_save": '],
		[{ layers_to_transform: -1 }, '"layers_to_transform'],
		[{ layers_to_transform: [0.5] }, '"layers_to_transform'],
		[{ layers_to_transform: 0, layers_pattern: 'xlayers' }, '"layers_pattern": "xlayers" finds no'],
		[
			{ layers_to_transform: [0], layers_pattern: ['h'] },
			'"layers_pattern": ["h"] finds no layer; expected "layers"; only plain LoRA',
		],
	])('%j', (change, message) => {
		expect(() => parse(change)).toThrow(`adapter_config.json: ${message}`);
	});

	test('what is no object', () => {
		expect(() => parseAdapterConfig('x')).toThrow(/^adapter_config\.json: "": .*Object.*"x"/);
	});
});

test('takes every key at null, at nothing, and those that change nothing at any value', () => {
	for (const [key] of others) expect(parse({ [key]: null })).toEqual(parse());
	const empty = ['trainable_token_indices', 'target_parameters', 'layer_replication'];
	for (const key of [...empty, 'rank_pattern', 'megatron_config'])
		for (const value of [[], {}]) expect(parse({ [key]: value })).toEqual(parse());
	const origin = ['base_model_name_or_path', 'revision', 'peft_version', 'auto_mapping'];
	const held = ['inference_mode', 'runtime_config', 'megatron_core', 'qalora_group_size'];
	const filled = ['loftq_config', 'corda_config', 'lora_ga_config', 'eva_config'];
	for (const key of [...origin, ...held, ...filled])
		expect(parse({ [key]: { a: 1 } })).toEqual(parse());
	const plain = { bias: 'none', fan_in_fan_out: false, use_dora: false, lora_bias: false };
	expect(parse({ ...plain, use_qalora: false, task_type: 'CAUSAL_LM' })).toEqual(parse());
});

test('a pattern counts only where layers are chosen', () => {
	const chosen = { layers_to_transform: [0] };
	for (const layers_pattern of ['layers', ['h', 'layers'], '', [], null])
		expect(parse({ ...chosen, layers_pattern }).layers).toEqual([0]);
	expect(parse({ layers_pattern: 'h' }).layers).toBeNull();
});

const q = 'model.layers.12.self_attn.q_proj';

test.each<[string, object, string, boolean | null]>([
	['its end', {}, q, true],
	['only whole parts of its name', { target_modules: ['proj'] }, q, false],
	['an end of two parts', { target_modules: ['self_attn.q_proj'] }, q, true],
	['another', { target_modules: ['k_proj'] }, q, false],
	['its layer', { layers_to_transform: [3, 12] }, q, true],
	['another layer', { layers_to_transform: [1] }, q, false],
	['no layer', { target_modules: ['norm'], layers_to_transform: [0] }, 'model.norm', false],
	['its whole name, in whatever layer', { target_modules: [q], layers_to_transform: [1] }, q, true],
	['its end, but for those left out', { exclude_modules: ['q_proj'] }, q, false],
	['its end, but for whole names left out', { exclude_modules: [q] }, q, false],
	['its end, but not within what is saved', { modules_to_save: ['self_attn'] }, q, false],
	['its end, but not what is saved', { modules_to_save: ['q_proj'] }, q, false],
	['its end, beside what is saved', { modules_to_save: ['attn'] }, q, true],
	['an expression', { target_modules: '.*' }, q, null],
])('a module is a target by %s', (_, change, module, expected) => {
	expect(isTarget(parse(change), module)).toBe(expected);
});

test('a module is saved by any end of its name', () => {
	const config = parse({ modules_to_save: ['norm', 'lm_head'] });
	expect(isSaved(config, 'model.norm')).toBe(true);
	expect(isSaved(config, 'model.layers.0.input_layernorm')).toBe(true);
	expect(isSaved(config, 'model.norm.inner')).toBe(false);
	expect(isSaved(parse(), 'model.norm')).toBe(false);
});
