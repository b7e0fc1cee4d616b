/** Checks the files of a model before any of them is stored, and picks those that are needed. */
import type { ModelRecord } from '../contract/library.ts';
import type { ByteSource, ModelConfig } from '../contract/model.ts';
import type { Progress } from '../contract/progress.ts';
import { createTokenizer, fitTokenizer } from '../data/tokenizer.ts';
import type { NamedBlob } from '../storage/models.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { fileSource, openModelFolder } from '../weights/folder.ts';
import type { TensorIndex } from '../weights/safetensors.ts';

export interface CheckedModel {
	readonly about: Pick<ModelRecord, 'name' | 'config' | 'parameters'>;
	/** Named as inside the model folder. */
	readonly files: readonly NamedBlob[];
}

/** Kept whether or not they were read: part of what makes the folder usable elsewhere. */
const companions = [
	...['generation_config.json', 'special_tokens_map.json'],
	...['chat_template.jinja', 'chat_template.json'],
];

/**
 * Opens a Hugging Face folder, reads every value of every tensor, and lets the tokenizer be built. Throws
 * `BadInput` naming file and tensor. Nothing is stored.
 */
export async function checkModel(
	name: string,
	files: readonly File[],
	onProgress: (progress: Progress) => void,
): Promise<CheckedModel> {
	const read = new Set<string>();
	const sources = files.map((file) => recorded(fileSource(file), read));
	const { config, tensors, tokenizerJson, tokenizerConfig } = await openModelFolder(sources, name);
	fitTokenizer(createTokenizer(tokenizerJson, tokenizerConfig), config.vocabularySize);
	const parameters = await checkValues(config, tensors, onProgress);
	// What the check had to read is what loading the model will need.
	const configPath = [...read].find((path) => /(^|\/)config\.json$/.test(path)) ?? 'config.json';
	const folder = configPath.slice(0, -'config.json'.length);
	const needed = new Set([...read, ...companions.map((file) => folder + file)]);
	return {
		about: { name, config, parameters },
		files: sources.flatMap((source, index) => {
			const data = files[index];
			return data && needed.has(source.name)
				? [{ name: source.name.slice(folder.length), data }]
				: [];
		}),
	};
}

/** A source that notes its name when it is read. */
function recorded(source: ByteSource, read: Set<string>): ByteSource {
	return {
		name: source.name,
		size: source.size,
		read(begin, end) {
			read.add(source.name);
			return source.read(begin, end);
		},
	};
}

/** Reads all tensors, which refuses NaN and infinities; returns the number of parameters. */
async function checkValues(
	config: ModelConfig,
	tensors: TensorIndex,
	onProgress: (progress: Progress) => void,
): Promise<number> {
	const shapes = parameterShapes(config).map(({ name, shape }) => ({
		name,
		size: shape.reduce((product, length) => product * length, 1),
	}));
	const total = shapes.reduce((sum, { size }) => sum + size, 0);
	let done = 0;
	for (const { name, size } of shapes) {
		await tensors.read(name);
		done += size;
		onProgress({ done, total, label: `Checking ${name}` });
	}
	return total;
}
