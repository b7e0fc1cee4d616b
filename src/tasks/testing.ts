/** A fake model and a tokenizer of characters, for the tests of tasks. */
import type { TextTokenizer } from '../data/tokenizer.ts';
import type { LanguageModel } from './languageModel.ts';

const text = (ids: readonly number[]) => String.fromCharCode(...ids.filter((id) => id > 2));

/** A token per character; 1 is put in front, 1 and 2 are special. */
export const characters: TextTokenizer = {
	vocabularySize: 256,
	bosTokenId: 1,
	eosTokenId: 2,
	idOf: (token) => (token.length === 1 ? token.charCodeAt(0) : null),
	encode: (whole, { special }) => [
		...(special ? [1] : []),
		...Array.from(whole, (character) => character.charCodeAt(0)),
	],
	encodeTemplated: (whole) => Array.from(whole, (character) => character.charCodeAt(0)),
	decode: text,
};

export interface FakeModel {
	readonly model: LanguageModel;
	/** Token ids of every prompt, in the order they were asked. */
	readonly prompts: (readonly number[])[];
}

/** Says `reply(prompt)` token by token, and scores an option `score(prompt, option)`. */
export function fakeModel(
	answers: {
		readonly reply?: (prompt: string) => string;
		readonly score?: (prompt: string, option: string) => number;
	},
	contextLength = 1000,
): FakeModel {
	const prompts: (readonly number[])[] = [];
	const model: LanguageModel = {
		contextLength,
		scoreContinuations(items, onDone) {
			prompts.push(...items.map(({ prompt }) => prompt));
			onDone(items.length);
			return Promise.resolve(
				items.map(({ prompt, options }) =>
					options.map((option) => answers.score?.(text(prompt), text(option)) ?? NaN),
				),
			);
		},
		generateGreedily(asked, isDone, onDone) {
			prompts.push(...asked.map(({ prompt }) => prompt));
			onDone(asked.length);
			return Promise.resolve(
				asked.map(({ prompt, maximumTokens }) => {
					const made: number[] = [];
					for (const id of characters.encode(answers.reply?.(text(prompt)) ?? '', {
						special: false,
					})) {
						if (made.length === maximumTokens || isDone(made)) break;
						made.push(id);
					}
					return made;
				}),
			);
		},
		sequenceLosses: () => Promise.reject(new Error('not used')),
		lensViews: () => Promise.reject(new Error('not used')),
	};
	return { model, prompts };
}
