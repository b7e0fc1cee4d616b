/** 2-shot translation of sentences (NusaX; method 6.2). */
import { namedError } from '../contract/errors.ts';
import type { Prediction, RunDraws, TranslationSet } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom } from '../engine/random.ts';
import { continuePrompts } from './continuations.ts';
import { drawOthers } from './draws.ts';
import { meanTokenF1, type Measured, runsRow, shareRight } from './items.ts';
import type { LanguageModel } from './languageModel.ts';

const SHOTS = 2;
const MAXIMUM_TOKENS = 256;

/**
 * Greedy translations up to the newline, compared with the reference: exact match, and the F1 of the longest common
 * subsequence of tokens; means over runs that show other pairs. The predictions are the translations, run by run in the
 * order of the set. Throws `BadInput` where there is nothing to translate or too little to show.
 */
export async function measureTranslation(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: TranslationSet,
	{ runs, seed }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	const title = `translation, ${set.subject}`;
	if (set.test.length === 0 || set.train.length < SHOTS)
		throw namedError(
			'BadInput',
			`${title}: ${set.test.length} sentences to translate and ${set.train.length} to show; ` +
				`at least one and ${SHOTS} are needed`,
		);
	const drawn = Array.from({ length: runs }, (_, run) => translationPrompts(set, seed + run));
	const options = { maximumTokens: MAXIMUM_TOKENS, marks: ['\n'], title };
	const said = await continuePrompts(model, tokenizer, drawn.flat(), options, onProgress);
	const predictions = said.map(({ prompt, text }, index): Prediction => {
		const expected = set.test[index % set.test.length]?.target.trim() ?? '';
		const run = Math.floor(index / set.test.length);
		return { prompt, expected, given: text, right: text === expected, run };
	});
	const byRun = drawn.map((_, run) => predictions.filter((one) => one.run === run));
	const about = { name: 'translation', subject: set.subject };
	const shortened = said.filter((one) => one.shortened).length;
	const counted = { count: set.test.length, shortened };
	return {
		rows: [
			runsRow(about, 'exact-match', byRun.map(shareRight), counted),
			runsRow(
				about,
				'token-f1',
				byRun.map((of) => meanTokenF1(tokenizer, of)),
				counted,
			),
		],
		predictions,
	};
}

/** The prompts of a run: the same two pairs of the training set, then the sentence. */
export function translationPrompts(
	{ sourceName, targetName, train, test }: TranslationSet,
	seed: number,
): string[] {
	const ask = (source: string) => `${sourceName}: ${source.trim()}\n${targetName}:`;
	const shots = drawOthers(SHOTS, train.length, null, createRandom(seed)).flatMap((index) => {
		const shot = train[index];
		return shot ? [`${ask(shot.source)} ${shot.target.trim()}\n\n`] : [];
	});
	return test.map(({ source }) => shots.join('') + ask(source));
}
