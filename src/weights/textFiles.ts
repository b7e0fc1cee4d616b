/** The files of a folder that say how text becomes tokens, how a conversation is laid out, and where a text ends. */
import type { ByteSource } from '../contract/model.ts';
import { readChatTemplate } from './chatTemplate.ts';
import { readJson } from './input.ts';

export interface TextFiles {
	/** Content of `tokenizer.json`; null where the folder has none. */
	readonly tokenizerJson: unknown;
	/**
	 * Content of `tokenizer_config.json`; an empty object where the folder has none. Tokens that
	 * `special_tokens_map.json` names are in it where transformers takes them from there.
	 */
	readonly tokenizerConfig: unknown;
	/** Content of `generation_config.json`; null where the folder has none. */
	readonly generationConfig: unknown;
	/** The default chat template (Jinja); null where no file has one. */
	readonly chatTemplate: string | null;
	/** Sentences on files that could not be used. */
	readonly notes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads them. Throws `BadInput` where a tokenizer's file or a chat template is malformed; of the others that is noted. */
export async function readTextFiles(files: readonly ByteSource[]): Promise<TextFiles> {
	const notes: string[] = [];
	const find = (name: string) => files.find((file) => file.name === name);
	const json = (name: string, absent: unknown): Promise<unknown> => {
		const file = find(name);
		return file ? readJson(file) : Promise.resolve(absent);
	};
	/** A file that models were stored with before anything in it was read: no reason to refuse one now. */
	const optional = async (name: string): Promise<unknown> => {
		try {
			return await json(name, null);
		} catch (error) {
			notes.push(`Not used: ${error instanceof Error ? error.message : String(error)}.`);
			return null;
		}
	};
	const tokenizerJson = await json('tokenizer.json', null);
	const config = await json('tokenizer_config.json', {});
	const tokenizerConfig = withSpecialTokens(config, await optional('special_tokens_map.json'));
	return {
		tokenizerJson,
		tokenizerConfig,
		generationConfig: await optional('generation_config.json'),
		chatTemplate: await readChatTemplate(files, tokenizerConfig),
		notes,
	};
}

/**
 * transformers 5 reads `special_tokens_map.json` only where `tokenizer_config.json` does not list its added tokens, and
 * then before it (`PreTrainedTokenizerBase._from_pretrained`).
 */
function withSpecialTokens(config: unknown, map: unknown): unknown {
	if (!isRecord(config) || !isRecord(map)) return config;
	return Object.hasOwn(config, 'added_tokens_decoder') ? config : { ...config, ...map };
}
