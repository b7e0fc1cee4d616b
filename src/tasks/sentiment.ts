/** Few-shot sentiment classification, one example per class (or more) and run (NusaX; METHOD.md 6.3). */
import { namedError } from '../contract/errors.ts';
import type {
	Prediction,
	RunDraws,
	SentimentExample,
	SentimentSet,
} from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom, permutation } from '../engine/random.ts';
import { countCuts, type Measured, runsRow, toldCut, toldOverlap } from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { macroF1 } from './metrics/macroF1.ts';
import { normalised, overlapOf, requireShots, sameIn, sameText } from './sameItem.ts';
import { createPromptFitter, type FittedPrompt } from './sentimentPrompt.ts';

/**
 * Macro-F1 over the classes, in [0, 1], mean and deviation over runs. An answer is the label whose tokens have the
 * largest sum of log p, where a label begins with another that with its end (`encodeContinuations`); the predictions are the answers, run by run. Base and adapted model see the same prompts.
 * Throws `BadInput` where a set is empty or a class has no example to draw.
 */
export async function measureSentiment(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: SentimentSet,
	{ runs, seed, shots: perClass = 1 }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	checkSentiment(set, { runs, seed, shots: perClass });
	const labels = labelsOf(set);
	const gold = set.test.map(({ label }) => label);
	const fit = createPromptFitter(tokenizer, labels, model.contextLength);
	const scores: number[] = [];
	const predictions: Prediction[] = [];
	const fitted: FittedPrompt[] = [];
	for (let run = 0; run < runs; run++) {
		const shots = shotsBefore(set.train, labels, seed + run, perClass);
		const prompts = await buildPrompts(set, (text) => fit(shots(text), text));
		fitted.push(...prompts);
		const logProbabilities = await model.scoreContinuations(
			prompts.map(({ item }) => item),
			(done) => {
				onProgress(run * gold.length + done, runs * gold.length);
			},
		);
		const answers = logProbabilities.map((row) => labels[row.indexOf(Math.max(...row))] ?? '');
		scores.push(macroF1(gold, answers, labels));
		predictions.push(
			...prompts.map(({ text, cut }, index): Prediction => {
				const [expected = '', given = ''] = [gold[index], answers[index]];
				const right = given === expected;
				return { prompt: text, expected, given, right, run, ...toldCut(cut) };
			}),
		);
	}
	const about = { name: 'sentiment', subject: set.language };
	const overlap = toldOverlap(overlapOf(set.test, set.train, sameText));
	const counted = { count: gold.length, ...countCuts(fitted), ...overlap };
	return {
		rows: [runsRow(about, 'macro-f1', scores, counted)],
		predictions,
	};
}

/** Throws `BadInput` where a set is empty or a class has no example to draw, or none but the asked text itself. */
export function checkSentiment(set: SentimentSet, { seed, shots = 1 }: RunDraws): void {
	const labels = labelsOf(set);
	drawShots(set.train, labels, seed, shots);
	for (const label of labels) {
		const pool = set.train.filter((example) => example.label === label);
		const title = `Sentiment, ${set.language}, label "${label}"`;
		requireShots(title, set.test, pool, sameIn(pool, sameText), shots);
	}
}

/** Random examples of each class, in random order. */
export const drawShots = (
	train: readonly SentimentExample[],
	labels: readonly string[],
	seed: number,
	perClass = 1,
): readonly SentimentExample[] => drawWithRest(train, labels, seed, perClass).shots;

/** Those that are shown before a text: the same before every one, but that a text itself gives way to another of its class. */
export function shotsBefore(
	train: readonly SentimentExample[],
	labels: readonly string[],
	seed: number,
	perClass: number,
): (text: string) => readonly SentimentExample[] {
	const { shots, rest } = drawWithRest(train, labels, seed, perClass);
	const shown = new Set(shots.map(({ text }) => normalised(text)));
	return (text) => {
		const asked = normalised(text);
		if (!shown.has(asked)) return shots;
		const others = rest.filter((shot) => normalised(shot.text) !== asked);
		return shots.flatMap((shot) => {
			if (normalised(shot.text) !== asked) return [shot];
			const next = others.findIndex(({ label }) => label === shot.label);
			return next < 0 ? [] : others.splice(next, 1);
		});
	};
}

/** The examples of a seed, and all others in the order in which they take the place of one. */
function drawWithRest(
	train: readonly SentimentExample[],
	labels: readonly string[],
	seed: number,
	perClass: number,
) {
	const random = createRandom(seed);
	const left: SentimentExample[] = [];
	const drawn = labels.flatMap((label) => {
		const candidates = train.filter((example) => example.label === label);
		if (candidates.length < perClass)
			throw namedError(
				'BadInput',
				`Sentiment: ${candidates.length || 'no'} training example${candidates.length > 1 ? 's have' : ' has'} label ` +
					`"${label}", and ${perClass} are to be shown; add some or remove the label from the test set`,
			);
		const chosen = Array.from(
			{ length: perClass },
			() => candidates.splice(random.integer(candidates.length), 1)[0],
		);
		left.push(...candidates);
		return chosen;
	});
	const inOrder = <Item>(items: readonly Item[]) =>
		[...permutation(items.length, random)].flatMap((index) => items[index] ?? []);
	return { shots: inOrder(drawn), rest: inOrder(left) };
}

/** Sorted, so that draws do not depend on the order of the file. */
function labelsOf({ language, train, test }: SentimentSet): string[] {
	if (test.length === 0 || train.length === 0) {
		const part = test.length === 0 ? 'test' : 'training';
		throw namedError(
			'BadInput',
			`Sentiment, ${language}: the ${part} set is empty; choose another`,
		);
	}
	return [...new Set([...train, ...test].map(({ label }) => label))].sort();
}

async function buildPrompts(
	{ test }: SentimentSet,
	fit: (text: string) => FittedPrompt,
): Promise<FittedPrompt[]> {
	const pause = createPause();
	const prompts: FittedPrompt[] = [];
	for (const { text } of test) {
		prompts.push(fit(text));
		await pause();
	}
	return prompts;
}
