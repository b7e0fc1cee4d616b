/** A small model with random weights, as many different larger ones as are asked for, and rows to train on. */
import { closeSync, fstatSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { initialWeights } from '../../src/demo/initialWeights.ts';
import { folderJson } from '../../src/demo/pretraining.ts';
import { parseConfig } from '../../src/weights/config.ts';
import { encodeSafetensors } from '../../src/weights/encode.ts';

const sizes = {
	small: { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 4 },
	/** More than one chunk of the store. */
	large: { hidden_size: 448, intermediate_size: 448, num_hidden_layers: 2 },
} as const;

/** Paths of the files of a Hugging Face folder with random weights. */
function writeModel(folder: string, size: keyof typeof sizes): string[] {
	mkdirSync(folder, { recursive: true });
	const json: Record<string, unknown> = { ...folderJson() };
	const heads = { num_attention_heads: 2, num_key_value_heads: 2 };
	const config = { ...(json['config.json'] as object), ...sizes[size], ...heads };
	json['config.json'] = config;
	const weights = encodeSafetensors(initialWeights(parseConfig(config, 'config.json'), 5), {});
	const path = (name: string) => join(folder, name);
	for (const [name, content] of Object.entries(json))
		writeFileSync(path(name), JSON.stringify(content));
	writeFileSync(path('model.safetensors'), Buffer.concat(weights));
	return [...Object.keys(json), 'model.safetensors'].map(path);
}

export interface Material {
	readonly model: readonly string[];
	readonly data: string;
	/** Texts of one language, `en`, whose loss can be measured. */
	readonly texts: string;
	/** Files of a large model that differs from those of every other number in each of its chunks. */
	another(number: number): readonly string[];
}

export function writeMaterial(folder: string): Material {
	const large = writeModel(join(folder, 'large'), 'large');
	const data = join(folder, 'rows.json');
	const rows = Array.from({ length: 60 }, (_, row) => ({
		...{ instruction: `Row ${row}`, input: '', output: `the answer is ${row * row}`.repeat(3) },
	}));
	writeFileSync(data, JSON.stringify(rows));
	const texts = join(folder, 'texts.json');
	writeFileSync(texts, JSON.stringify(rows.map(({ output }) => ({ en: output }))));
	return {
		model: writeModel(join(folder, 'small'), 'small'),
		data,
		texts,
		another(number) {
			const weights = join(folder, 'large', 'model.safetensors');
			const value = Buffer.from(Float32Array.of(number * 1e-6).buffer);
			const file = openSync(weights, 'r+');
			const { size } = fstatSync(file);
			// In its first chunk and in its last.
			for (const at of [size - 4, size - 4 * 4_500_000]) writeSync(file, value, 0, 4, at);
			closeSync(file);
			return large;
		},
	};
}
