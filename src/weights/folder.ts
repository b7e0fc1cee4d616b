/** A Hugging Face model folder: from the disk, from the store, or over HTTP, opened and checked. */
import { badFile, namedError } from '../contract/errors.ts';
import type { ByteSource, ModelConfig } from '../contract/model.ts';
import { guardedFetch } from '../contract/guardedFetch.ts';
import { configNotes, parseConfig } from './config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { resolveEndTokens } from './endTokens.ts';
import { resolveHead } from './head.ts';
import { readJson } from './input.ts';
import { checkTensors, openTensors, type TensorIndex } from './safetensors.ts';
import { readTextFiles, type TextFiles } from './textFiles.ts';

export interface ModelFolder extends Pick<
	TextFiles,
	'tokenizerJson' | 'tokenizerConfig' | 'chatTemplate'
> {
	readonly name: string;
	/** What all files together say: the head is the embedding only where they are the same, end tokens are all there are. */
	readonly config: ModelConfig;
	/** The parameters of `config`. */
	readonly tensors: TensorIndex;
	/** Plain sentences on where the files disagree, which of them counts, and what is not used. */
	readonly notes: readonly string[];
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
	if (!find('tokenizer.json') && needs === 'tokenizer') throw missing('tokenizer.json', name);
	const json = await readJson(configFile);
	const declared = parseConfig(json, configFile.name);
	const held = await openTensors(files);
	const { config, tensors, notes } = await resolveHead(declared, held, configFile.name);
	checkTensors(tensors, parameterShapes(config));
	const text = await readTextFiles(files);
	const ends = resolveEndTokens(config, json, text);
	const { tokenizerJson, tokenizerConfig, chatTemplate } = text;
	return {
		name,
		config: { ...config, eosTokenIds: ends.ids },
		tensors,
		...{ tokenizerJson, tokenizerConfig, chatTemplate },
		notes: [
			...notes,
			...configNotes(json, config.family, configFile.name),
			...held.notes,
			...staleNotes(held),
			...text.notes,
			...ends.notes,
		],
	};
}

/** Of a checked folder: what an index names beyond the parameters. */
function staleNotes({ promised }: TensorIndex): string[] {
	const [first] = promised;
	if (first === undefined) return [];
	const [name, place] = first;
	const more = promised.size > 1 ? `, and ${promised.size - 1} more` : '';
	return [`"${name}"${more}: ${place}. The model does not need it.`];
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
			const response = await guardedFetch(url, whole ? {} : { Range: `bytes=${begin}-${end - 1}` });
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
