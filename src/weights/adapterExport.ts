/** Writing an adapter as PEFT does, so that `PeftModel.from_pretrained(base, folder)` reads it. */
import type { Lora } from '../contract/spec.ts';
import { adapterTensorsFile } from './adapter.ts';
import { adapterConfigFile } from './adapterConfig.ts';
import { encodeSafetensors, type NamedTensor } from './encode.ts';

export interface AdapterToWrite {
	/** Of the base model, for people. */
	readonly base: string;
	readonly lora: Lora;
	readonly layers: readonly number[];
	/** Adapters and parameters trained in full, named without `base_model.model.`. */
	readonly tensors: readonly NamedTensor[];
	readonly metadata?: Readonly<Record<string, string>>;
}

export interface NamedFile {
	readonly name: string;
	readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

/** The folder's two files; tensors by name, as PEFT has them. */
export function encodeAdapter(adapter: AdapterToWrite): NamedFile[] {
	const tensors = adapter.tensors
		.map((tensor) => ({ ...tensor, name: `base_model.model.${tensor.name}` }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const json = `${JSON.stringify(peftConfig(adapter), null, 2)}\n`;
	return [
		{ name: adapterConfigFile, parts: [new TextEncoder().encode(json)] },
		{
			name: adapterTensorsFile,
			parts: encodeSafetensors(tensors, { format: 'pt', ...adapter.metadata }),
		},
	];
}

/** Module names as PEFT matches them: by their end, so that `model.norm` is not every layer's norm. */
const modules = new Map([
	['model.embed_tokens.weight', 'embed_tokens'],
	['model.norm.weight', 'model.norm'],
	['lm_head.weight', 'lm_head'],
]);

function peftConfig({ base, lora, layers, tensors }: AdapterToWrite): unknown {
	const saved = tensors.flatMap(({ name }) => modules.get(name) ?? []);
	return {
		alpha_pattern: {},
		base_model_name_or_path: base,
		bias: 'none',
		fan_in_fan_out: false,
		inference_mode: true,
		init_lora_weights: true,
		layers_pattern: 'layers',
		layers_to_transform: [...layers].sort((a, b) => a - b),
		lora_alpha: lora.alpha,
		lora_dropout: lora.dropout,
		modules_to_save: saved.length > 0 ? saved : null,
		peft_type: 'LORA',
		r: lora.rank,
		rank_pattern: {},
		revision: null,
		target_modules: [...lora.targets],
		task_type: 'CAUSAL_LM',
		use_dora: false,
		use_rslora: lora.scaling === 'rank-stabilised',
	};
}
