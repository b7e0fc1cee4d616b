/** A Hugging Face model folder: from the disk, from the store, or over HTTP, opened and checked. */
import { namedError } from '../contract/errors.ts';
import type { ByteSource, ModelConfig } from '../contract/model.ts';
import { readChatTemplate } from './chatTemplate.ts';
import { parameterShapes, parseConfig } from './config.ts';
import { badFile, readJson } from './input.ts';
import { checkTensors, openTensors, type TensorIndex } from './safetensors.ts';

export interface ModelFolder {
	readonly name: string;
	readonly config: ModelConfig;
	readonly tensors: TensorIndex;
	/** Content of `tokenizer.json`; null only where it was not needed and is absent. */
	readonly tokenizerJson: unknown;
	/** Content of `tokenizer_config.json`; an empty object where the folder has none. */
	readonly tokenizerConfig: unknown;
	/** Jinja; null where the folder has none. */
	readonly chatTemplate: string | null;
}

/**
 * Opens a folder given as files whose paths may share leading folders; files other than configuration, tokenizer and
 * weights are ignored. `needs: 'weights'` lets the tokenizer be absent.
 * Throws `BadInput` naming the file, and the tensors that are missing, surplus or mis-shaped.
 */
export async function openModelFolder(
	sources: readonly ByteSource[],
	name: string,
	needs: 'tokenizer' | 'weights' = 'tokenizer',
): Promise<ModelFolder> {
	const files = insideFolder(sources, name);
	const find = (file: string) => files.find((source) => source.name === file);
	const configFile = find('config.json');
	if (!configFile) throw missing('config.json', name);
	const tokenizerFile = find('tokenizer.json');
	if (!tokenizerFile && needs === 'tokenizer') throw missing('tokenizer.json', name);
	const config = parseConfig(await readJson(configFile), configFile.name);
	const tensors = await openTensors(files);
	checkTensors(tensors, parameterShapes(config));
	const tokenizerConfigFile = find('tokenizer_config.json');
	const tokenizerConfig = tokenizerConfigFile ? await readJson(tokenizerConfigFile) : {};
	return {
		name,
		config,
		tensors,
		tokenizerJson: tokenizerFile ? await readJson(tokenizerFile) : null,
		tokenizerConfig,
		chatTemplate: await readChatTemplate(files, tokenizerConfig),
	};
}

/** Names as they are inside the folder that holds the shallowest `config.json`; files outside it are left out. */
export function insideFolder(sources: readonly ByteSource[], name: string): ByteSource[] {
	const folders = sources
		.filter((source) => /(^|\/)config\.json$/.test(source.name))
		.map((source) => source.name.slice(0, -'config.json'.length))
		.sort((a, b) => depth(a) - depth(b));
	const [prefix, next] = folders;
	if (prefix === undefined) throw missing('config.json', name);
	if (next !== undefined && depth(next) === depth(prefix)) {
		throw badFile(name, `several models (${prefix}, ${next}); choose the folder of one of them`);
	}
	return sources
		.filter((source) => source.name.startsWith(prefix))
		.map((source) => ({
			name: source.name.slice(prefix.length),
			size: source.size,
			read: (begin, end) => source.read(begin, end),
		}));
}

function depth(path: string): number {
	return path.split('/').length;
}

function missing(file: string, name: string): Error {
	return badFile(file, `not among the files of "${name}"; choose the folder that holds it`);
}

/** A file the user chose; its path inside the chosen folder is kept. */
export function fileSource(file: File): ByteSource {
	const name = file.webkitRelativePath || file.name;
	return {
		name,
		size: file.size,
		async read(begin, end) {
			checkRange(name, file.size, begin, end);
			try {
				return new Uint8Array(await file.slice(begin, end).arrayBuffer());
			} catch (error) {
				const why = error instanceof Error ? error.message : 'unknown reason';
				throw badFile(name, `the file can no longer be read (${why}); choose it again`);
			}
		},
	};
}

/** A file behind HTTP. Parts are asked for by Range; a server without ranges can only serve whole files. */
export function urlSource({
	name,
	url,
	size,
}: {
	name: string;
	url: string;
	size: number;
}): ByteSource {
	return {
		name,
		size,
		async read(begin, end) {
			checkRange(name, size, begin, end);
			if (begin === end) return new Uint8Array(0);
			const whole = begin === 0 && end === size;
			const response = await fetch(url, {
				headers: whole ? {} : { Range: `bytes=${begin}-${end - 1}` },
			});
			if (!response.ok) {
				throw namedError(
					'NotFound',
					`${name}: ${url} answered ${response.status}; check the address`,
				);
			}
			if (!whole && response.status !== 206) {
				throw badFile(name, `${url} does not serve ranges of a file; use a server that does`);
			}
			const bytes = new Uint8Array(await response.arrayBuffer());
			if (bytes.length !== end - begin) {
				throw badFile(
					name,
					`${url} sent ${bytes.length} bytes instead of ${end - begin}; load it again`,
				);
			}
			return bytes;
		},
	};
}

function checkRange(name: string, size: number, begin: number, end: number): void {
	if (begin >= 0 && begin <= end && end <= size) return;
	throw badFile(name, `bytes ${begin} to ${end} are outside the file of ${size}`);
}
