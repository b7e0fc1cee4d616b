/** For tests: files of the reference folders. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ByteSource } from '../contract/model.ts';

export const golden = '../shared/golden';
/** Of further families. */
export const golden2 = '../shared/golden2';

/** Files of a folder as byte sources. */
export function folderSources(folder: string): ByteSource[] {
	return readdirSync(folder)
		.filter((name) => statSync(`${folder}/${name}`).isFile())
		.map((name) => {
			const bytes = readFileSync(`${folder}/${name}`);
			return {
				name,
				size: bytes.length,
				read: (begin, end) => Promise.resolve(new Uint8Array(bytes.subarray(begin, end))),
			};
		});
}

export const readJsonFile = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** What the made tokenizer of the small COMET calls a token. */
export const cometWord = (id: number): string => `w${id}`;

/** A tokenizer.json for golden/comet, which has none: built as XLM-R's, with a word for each of its 61 tokens. */
export const cometTokenizer = {
	added_tokens: ['<s>', '<pad>', '</s>'].map((content, id) => ({ id, content, special: true })),
	pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
	post_processor: {
		type: 'TemplateProcessing',
		single: [
			{ SpecialToken: { id: '<s>', type_id: 0 } },
			{ Sequence: { id: 'A', type_id: 0 } },
			{ SpecialToken: { id: '</s>', type_id: 0 } },
		],
		pair: [],
		special_tokens: {
			'<s>': { id: '<s>', ids: [0], tokens: ['<s>'] },
			'</s>': { id: '</s>', ids: [2], tokens: ['</s>'] },
		},
	},
	model: {
		type: 'Unigram',
		unk_id: 3,
		vocab: Array.from({ length: 61 }, (_, id) => [
			['<s>', '<pad>', '</s>'][id] ?? `▁${cometWord(id)}`,
			id < 3 ? 0 : -1,
		]),
	},
};
