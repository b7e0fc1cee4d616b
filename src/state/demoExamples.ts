/** What a model says for single words while it learns: predictions as questions, answers, and their history. Pure. */
import type { Prediction } from '../contract/evaluation.ts';
import type { Direction } from './demoScores.ts';

/** One question of the live probe. */
export interface WordQuestion {
	/** Index among the predictions of a measurement, the same in every measurement of a study. */
	readonly index: number;
	readonly direction: Direction;
	/** Language asked in and language to answer in. */
	readonly from: string;
	readonly to: string;
	readonly word: string;
	readonly expected: string;
}

interface Exchange {
	readonly from: string;
	readonly word: string;
	readonly to: string;
}

/** The question at the end of a few-shot prompt, "Javanese: banyu\nEnglish: "; null where the prompt ends otherwise. */
export function lastExchange(prompt: string): Exchange | null {
	const match = /(?:^|\n)([^\n:]+): ([^\n]+)\n([^\n:]+): ?$/.exec(prompt);
	const [, from, word, to] = match ?? [];
	return from === undefined || word === undefined || to === undefined ? null : { from, word, to };
}

/** Questions in and out of `language` among the predictions; others (known languages among themselves) are left out. */
export function questions(
	predictions: readonly Prediction[],
	language: string,
): readonly WordQuestion[] {
	return predictions.flatMap((prediction, index) => {
		const asked = lastExchange(prediction.prompt);
		if (!asked || (asked.from === language) === (asked.to === language)) return [];
		const direction: Direction = asked.from === language ? 'understands' : 'speaks';
		return [{ ...asked, index, direction, expected: prediction.expected }];
	});
}

/** Two questions to watch together. */
export interface WordPair {
	readonly understands: WordQuestion | null;
	readonly speaks: WordQuestion | null;
}

/** The language of the page: what everybody who reads it can check. */
const pageLanguage = 'English';

/**
 * Pairs to page through. Best is the same word both ways ("banyu" to "water" and "water" to "banyu"), then any two, those
 * in English first.
 */
export function wordPairs(all: readonly WordQuestion[]): readonly WordPair[] {
	const readable = ({ from, to }: WordQuestion) => from === pageLanguage || to === pageLanguage;
	const sorted = [...all.filter(readable), ...all.filter((one) => !readable(one))];
	const hear = sorted.filter((one) => one.direction === 'understands');
	const say = sorted.filter((one) => one.direction === 'speaks');
	const mirrored = hear.flatMap((one): WordPair[] => {
		const back = say.find(({ expected, word }) => expected === one.word && word === one.expected);
		return back ? [{ understands: one, speaks: back }] : [];
	});
	const restHear = hear.filter((one) => !mirrored.some(({ understands }) => understands === one));
	const restSay = say.filter((one) => !mirrored.some(({ speaks }) => speaks === one));
	const rest = Array.from({ length: Math.max(restHear.length, restSay.length) }, (_, i) => ({
		understands: restHear[i] ?? null,
		speaks: restSay[i] ?? null,
	}));
	const inEnglish = ({ understands, speaks }: WordPair) =>
		[understands, speaks].every((one) => one === null || readable(one));
	const pairs = [...mirrored, ...rest];
	return [...pairs.filter(inEnglish), ...pairs.filter((pair) => !inEnglish(pair))];
}

/** What was said to one question after so many updates. */
export interface Said {
	readonly step: number;
	readonly given: string;
	readonly right: boolean;
}

/** The answers to a question at each live measurement, oldest first. */
export function trail(
	said: readonly { readonly step: number; readonly predictions: readonly Prediction[] }[],
	{ index }: Pick<WordQuestion, 'index'>,
): readonly Said[] {
	return said.flatMap(({ step, predictions }): Said[] => {
		const one = predictions[index];
		return one ? [{ step, given: one.given, right: one.right }] : [];
	});
}

/** Words as people compare them: an answer may be empty, or run on and on. */
export function shortAnswer(given: string, length = 24): string {
	const text = given.trim();
	if (text === '') return '(nothing)';
	return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
