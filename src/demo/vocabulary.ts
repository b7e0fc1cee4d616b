/** What the demo's tokenizer is trained on. */
import { commonWords } from './commonWords.ts';
import { relationSigns } from './facts.ts';
import { sentimentSigns, verdict } from './format.ts';
import type { Language } from './language.ts';
import { trainTokenizer } from './tokenizer.ts';

/** Tokens of the bundled tokenizer. */
export const vocabularySize = 2752;

/** Contents of `tokenizer_config.json`. */
export const tokenizerConfig = {
	tokenizer_class: 'PreTrainedTokenizerFast',
	bos_token: '<s>',
	eos_token: '</s>',
	unk_token: '<unk>',
	clean_up_tokenization_spaces: false,
};

/** Contents of `tokenizer.json`, from words of the known languages alone; of `added` only tags are kept whole. */
export function demoTokenizer(
	known: readonly Language[],
	added: readonly Language[],
	size = vocabularySize,
	longest = 4,
): Record<string, unknown> {
	const words = [...known.flatMap((language) => runningWords(language)), ...commonWords];
	const taken = new Set(words);
	const toLearn = added.flatMap((language) => mainForms(language));
	const all = [...known, ...added];
	return trainTokenizer({
		words,
		wholeTokens: [...all.map(({ tag }) => tag), verdict, ...Object.values(relationSigns)],
		characters: ['\n', ' ', ...Object.values(sentimentSigns), ...all.flatMap(marksOf)],
		size,
		longest,
		refused: new Set(toLearn.filter((word) => !taken.has(word))),
	});
}

function mainForms(language: Language): string[] {
	return Object.values(language.words).map((entry) =>
		typeof entry === 'string' ? entry : entry.word,
	);
}

/** Every form and every word of the patterns, once. */
function runningWords(language: Language): string[] {
	const { articles, templates, questions, attributive, words } = language;
	const all = Object.values(words).flatMap((entry) =>
		typeof entry === 'string'
			? [entry]
			: Object.values(entry).filter((form) => typeof form === 'string'),
	);
	const patterns = [...Object.values(templates), ...Object.values(questions), attributive];
	const article = Object.values({ ...articles?.subject, ...articles?.object });
	const texts = [...all, ...patterns, ...article, articles?.elided ?? ''];
	const found = texts.flatMap((text) => text.replaceAll(/\{\w+\}/g, ' ').match(/\p{L}+'?/gu) ?? []);
	return [...new Set(found)];
}

/** Punctuation. */
function marksOf({ stop, comma, questions }: Language): string[] {
	return [stop, comma.trim(), ...Object.values(questions).map((text) => text.slice(-1))];
}
