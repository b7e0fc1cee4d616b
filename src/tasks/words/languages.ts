/** The languages words are translated between, and what prompts call them. */
import { type WordSet } from '../../contract/evaluation.ts';
import { pairWords, type WordList } from './wordList.ts';

/** ISO 639-1 -> name in English, and its own as in prompts (METHOD.md 6.1). */
export const wordLanguages = {
	en: { english: 'English', own: 'English' },
	de: { english: 'German', own: 'Deutsch' },
	zh: { english: 'Chinese', own: '中文' },
	ru: { english: 'Russian', own: 'Русский' },
	fr: { english: 'French', own: 'Français' },
	jv: { english: 'Javanese', own: 'Basa Jawa' },
	su: { english: 'Sundanese', own: 'Basa Sunda' },
} as const;

export type WordLanguage = keyof typeof wordLanguages;

/** Words to translate from a language into another, of the lists of both. */
export function wordSet(
	source: readonly [WordLanguage, WordList],
	target: readonly [WordLanguage, WordList],
): WordSet {
	const [from, to] = [wordLanguages[source[0]], wordLanguages[target[0]]];
	return {
		subject: `${from.english} to ${to.english}`,
		sourceName: from.own,
		targetName: to.own,
		sourceCode: source[0],
		targetCode: target[0],
		pairs: pairWords(source[1], target[1], target[0]),
	};
}
