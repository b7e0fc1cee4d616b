/** For tests: files of the reference folders. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ByteSource } from '../contract/model.ts';

export const golden = '../shared/golden';

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

/** A tokenizer.json for golden/comet, which has none: a word for each of its 61 tokens. */
export const cometTokenizer = {
	model: {
		type: 'WordLevel',
		vocab: Object.fromEntries(
			Array.from({ length: 61 }, (_, id) => [['<s>', '<pad>', '</s>'][id] ?? cometWord(id), id]),
		),
		unk_token: cometWord(3),
	},
};
