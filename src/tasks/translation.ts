/** 2-shot translation of sentences (NusaX; METHOD.md 6.2). */
import { namedError } from '../contract/errors.ts';
import type { Prediction, RunDraws, TaskName, TranslationSet } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom } from '../engine/random.ts';
import { continuePrompts, type ItemPrompt } from './continuations.ts';
import { drawOrder, firstWithout } from './draws.ts';
import {
	countCuts,
	meanTokenF1,
	type Measured,
	runsRow,
	shareRight,
	toldCut,
	toldOverlap,
} from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { bleu, BLEU_SIGNATURE } from './metrics/bleu.ts';
import { chrf, chrfSignature } from './metrics/chrf.ts';
import { overlapOf, samePair, requireShots, sameIn } from './sameItem.ts';

const SHOTS = 2;
const MAXIMUM_TOKENS = 256;

/**
 * Greedy translations up to the newline, compared with the references: chrF++ and BLEU of all together, exact match, and
 * the F1 of the longest common subsequence of tokens; means over runs that show other pairs. The predictions are the translations, run by run in the
 * order of the set. Throws `BadInput` where there is nothing to translate or too little to show.
 */
export async function measureTranslation(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: TranslationSet,
	{ runs, seed, shots = SHOTS }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	checkTranslation(set, { shots });
	const title = `translation, ${set.subject}`;
	const drawn = Array.from({ length: runs }, (_, run) =>
		translationPrompts(set, seed + run, shots),
	);
	const options = { maximumTokens: MAXIMUM_TOKENS, marks: ['\n'], title };
	const said = await continuePrompts(model, tokenizer, drawn.flat(), options, onProgress);
	const predictions = said.map(({ prompt, text, cut }, index): Prediction => {
		const expected = set.test[index % set.test.length]?.target.trim() ?? '';
		const run = Math.floor(index / set.test.length);
		return { prompt, expected, given: text, right: text === expected, run, ...toldCut(cut) };
	});
	const byRun = drawn.map((_, run) => predictions.filter((one) => one.run === run));
	const about = { name: 'translation', subject: set.subject };
	const overlap = toldOverlap(overlapOf(set.test, set.train, samePair));
	const counted = { count: set.test.length, ...countCuts(said), ...overlap };
	const exact = byRun.map(shareRight);
	const f1 = byRun.map((of) => meanTokenF1(tokenizer, of));
	return {
		rows: [
			...corpusRows(about, byRun, counted),
			runsRow(about, 'exact-match', exact, counted),
			runsRow(about, 'token-f1', f1, counted),
		],
		predictions,
	};
}

/** Throws `BadInput` where there is nothing to translate or too little to show. */
export function checkTranslation(
	{ subject, train, test }: TranslationSet,
	{ shots = SHOTS }: Pick<RunDraws, 'shots'>,
): void {
	if (test.length === 0 || train.length < shots)
		throw namedError(
			'BadInput',
			`translation, ${subject}: ${test.length} sentences to translate and ${train.length} to show; ` +
				`at least one and ${shots} are needed`,
		);
	requireShots(`translation, ${subject}`, test, train, sameIn(train, samePair), shots);
}

/** Scores of all translations of a run together, mean over the runs. */
function corpusRows(
	about: TaskName,
	byRun: readonly (readonly Prediction[])[],
	counted: Parameters<typeof runsRow>[3],
): Measured['rows'] {
	const score = (metric: (given: string[], expected: string[]) => number) =>
		byRun.map((of) =>
			metric(
				of.map(({ given }) => given),
				of.map(({ expected }) => expected),
			),
		);
	const plus = score((given, expected) => chrf('chrf++', given, expected).corpus);
	return [
		runsRow(about, 'chrf++', plus, { ...counted, signature: chrfSignature('chrf++') }),
		runsRow(about, 'bleu', score(bleu), { ...counted, signature: BLEU_SIGNATURE }),
	];
}

/**
 * The prompts of a run: the same pairs of the training set, then the sentence. A pair that is the sentence itself gives way
 * to the next one.
 */
export function translationPrompts(
	{ sourceName, targetName, train, test }: TranslationSet,
	seed: number,
	count = SHOTS,
): ItemPrompt[] {
	const ask = (source: string) => `${sourceName}: ${source.trim()}\n${targetName}:`;
	const order = drawOrder(train.length, null, createRandom(seed));
	const same = sameIn(train, samePair);
	return test.map((pair) => {
		const shots = firstWithout(order, count, same(pair)).flatMap((index) => {
			const shot = train[index];
			return shot ? [`${ask(shot.source)} ${shot.target.trim()}\n\n`] : [];
		});
		const item = ask(pair.source);
		return { prompt: shots.join('') + item, item };
	});
}
