/** Texts as a tokenizer of two files sees them, to compare it with others. */
import { namedError } from '../contract/errors.ts';
import type { DataApi, TokenizedText } from '../contract/dataApi.ts';
import { createPause } from '../data/pause.ts';
import { createTokenizer } from '../data/tokenizer.ts';

/** @throws BadInput naming file and part */
export const tokenizeTexts: DataApi['tokenize'] = async (tokenizerFile, configFile, texts) => {
	const config = configFile ? await readJson(configFile) : {};
	const tokenizer = createTokenizer(await readJson(tokenizerFile), config);
	const pause = createPause();
	const tokenized: TokenizedText[] = [];
	for (const text of texts) {
		const ids = tokenizer.encode(text, { special: true });
		tokenized.push({
			text,
			ids,
			pieces: ids.map((id) => tokenizer.pieceOf(id) ?? ''),
			tokens: tokenizer.encode(text, { special: false }).length,
			words: text.match(/\P{White_Space}+/gu)?.length ?? 0,
			characters: Array.from(text).length,
		});
		await pause();
	}
	return tokenized;
};

async function readJson(file: File): Promise<unknown> {
	try {
		return JSON.parse(await file.text());
	} catch {
		throw namedError('BadInput', `${file.name} is not JSON; download it again`);
	}
}
