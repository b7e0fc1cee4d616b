/** For tests: small model folders in memory. */
import type { ByteSource } from '../contract/model.ts';
import { parseConfig } from './config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { encodeSafetensors, type NamedTensor } from './encode.ts';

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
	return {
		name,
		size: bytes.length,
		read: (begin, end) => Promise.resolve(bytes.slice(begin, end)),
	};
}

export const jsonSource = (name: string, value: unknown): ByteSource =>
	memorySource(name, new TextEncoder().encode(JSON.stringify(value)));

export const tensorSource = (name: string, tensors: readonly NamedTensor[]): ByteSource =>
	memorySource(name, Uint8Array.from(encodeSafetensors(tensors, {}).flatMap((part) => [...part])));

export const tinyLlama = {
	model_type: 'llama',
	hidden_size: 4,
	intermediate_size: 6,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	vocab_size: 8,
};

/** A tensor whose values tell it from others. */
export function tensor(name: string, shape: readonly number[]): NamedTensor {
	const size = shape.reduce((product, length) => product * length, 1);
	return { name, shape, data: Float32Array.from({ length: size }, (_, i) => name.length + i / 8) };
}

/** All parameters a config asks for. */
export const tensorsOf = (json: unknown): NamedTensor[] =>
	parameterShapes(parseConfig(json, 'config.json')).map(({ name, shape }) => tensor(name, shape));

/** A whole vocabulary of words, with `<s>` and `</s>`. */
export const tinyTokenizer = {
	added_tokens: [
		{ id: 1, content: '<s>', special: true },
		{ id: 2, content: '</s>', special: true },
	],
	model: {
		type: 'BPE',
		vocab: { a: 0, '<s>': 1, '</s>': 2, b: 3, '<end>': 4, c: 5, d: 6, e: 7 },
		merges: [],
	},
};

/** A folder's files: `config.json`, tokenizer and weights, with others over them; null leaves one out. */
export function tinyFolder(
	json: object = tinyLlama,
	weights: readonly NamedTensor[] = tensorsOf(json),
	others: Readonly<Record<string, unknown>> = {},
): ByteSource[] {
	const files: Readonly<Record<string, unknown>> = {
		'config.json': json,
		'tokenizer.json': tinyTokenizer,
		'tokenizer_config.json': { bos_token: '<s>', eos_token: '</s>' },
		...others,
	};
	return [
		tensorSource('model.safetensors', weights),
		...Object.entries(files)
			.filter(([, content]) => content !== null)
			.map(([name, content]) => jsonSource(name, content)),
	];
}
