/** The two files of an adapter, as PEFT writes them. */
import { expect, test } from 'vitest';
import type { Lora } from '../contract/spec.ts';
import { encodeAdapter } from './adapterExport.ts';
import { tensor } from './testing.ts';

const lora: Lora = {
	kind: 'lora',
	rank: 2,
	alpha: 6,
	scaling: 'standard',
	dropout: 0.1,
	targets: ['q_proj'],
};
const names = [
	'model.norm.weight',
	'model.layers.2.self_attn.q_proj.lora_A.weight',
	'lm_head.weight',
	'model.embed_tokens.weight',
];
const tensors = names.map((name) => tensor(name, [2]));
const write = (change: object = {}) =>
	encodeAdapter({ base: 'tiny', lora, layers: [10, 2], tensors, ...change });
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test('adapter_config.json states every setting', () => {
	const [config] = write();
	expect(config?.name).toBe('adapter_config.json');
	expect(text(config?.parts[0])).toMatch(/^{\n {2}"alpha_pattern": {},\n[^]*}\n$/);
	expect(JSON.parse(text(config?.parts[0]))).toEqual({
		...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', base_model_name_or_path: 'tiny' },
		...{ revision: null, inference_mode: true, init_lora_weights: true },
		...{ r: 2, lora_alpha: 6, lora_dropout: 0.1, use_rslora: false, use_dora: false },
		...{ alpha_pattern: {}, rank_pattern: {}, bias: 'none', fan_in_fan_out: false },
		...{ target_modules: ['q_proj'], layers_to_transform: [2, 10], layers_pattern: 'layers' },
		modules_to_save: ['model.norm', 'lm_head', 'embed_tokens'],
	});
});

test('adapter_model.safetensors has what PyTorch asks for, and what is added', () => {
	const header = (change?: object) => {
		const [, weights] = write(change);
		expect(weights?.name).toBe('adapter_model.safetensors');
		return JSON.parse(text(weights?.parts[0]?.subarray(8))) as Record<string, unknown>;
	};
	expect(header()['__metadata__']).toEqual({ format: 'pt' });
	expect(header({ metadata: { step: '7' } })['__metadata__']).toEqual({ format: 'pt', step: '7' });
	expect(Object.keys(header()).slice(1)).toEqual(
		names.map((name) => `base_model.model.${name}`).sort(),
	);
});
