/** Few-shot sentiment classification, one example per class (or more) and run (NusaX; method 6.3). */
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
import { type Measured, runsRow } from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { macroF1 } from './metrics/macroF1.ts';
import { createPromptFitter, type FittedPrompt } from './sentimentPrompt.ts';

/**
 * Macro-F1 over the classes, in [0, 1], mean and deviation over runs. An answer is the label whose tokens have the
 * largest sum of log p; the predictions are the answers, run by run. Base and adapted model see the same prompts.
 * Throws `BadInput` where a set is empty or a class has no example to draw.
 */
export async function measureSentiment(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: SentimentSet,
	{ runs, seed, shots: perClass = 1 }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	const labels = labelsOf(set);
	const gold = set.test.map(({ label }) => label);
	const fit = createPromptFitter(tokenizer, labels, model.contextLength);
	const scores: number[] = [];
	const predictions: Prediction[] = [];
	let shortened = 0;
	for (let run = 0; run < runs; run++) {
		const shots = drawShots(set.train, labels, seed + run, perClass);
		const prompts = await buildPrompts(set, (text) => fit(shots, text));
		shortened += prompts.filter((prompt) => prompt.shortened).length;
		const logProbabilities = await model.scoreContinuations(
			prompts.map(({ item }) => item),
			(done) => {
				onProgress(run * gold.length + done, runs * gold.length);
			},
		);
		const answers = logProbabilities.map((row) => labels[row.indexOf(Math.max(...row))] ?? '');
		scores.push(macroF1(gold, answers, labels));
		predictions.push(
			...prompts.map(({ text }, index): Prediction => {
				const [expected = '', given = ''] = [gold[index], answers[index]];
				return { prompt: text, expected, given, right: given === expected, run };
			}),
		);
	}
	const about = { name: 'sentiment', subject: set.language };
	return {
		rows: [runsRow(about, 'macro-f1', scores, { count: gold.length, shortened })],
		predictions,
	};
}

/** Throws `BadInput` where a set is empty or a class has no example to draw. */
export function checkSentiment(set: SentimentSet, { seed, shots }: RunDraws): void {
	drawShots(set.train, labelsOf(set), seed, shots);
}

/** Random examples of each class, in random order. */
export function drawShots(
	train: readonly SentimentExample[],
	labels: readonly string[],
	seed: number,
	perClass = 1,
): SentimentExample[] {
	const random = createRandom(seed);
	const drawn = labels.flatMap((label) => {
		const candidates = train.filter((example) => example.label === label);
		if (candidates.length < perClass)
			throw namedError(
				'BadInput',
				`Sentiment: ${candidates.length || 'no'} training example${candidates.length > 1 ? 's have' : ' has'} label ` +
					`"${label}", and ${perClass} are to be shown; add some or remove the label from the test set`,
			);
		return Array.from(
			{ length: perClass },
			() => candidates.splice(random.integer(candidates.length), 1)[0],
		);
	});
	return [...permutation(drawn.length, random)].flatMap((index) => drawn[index] ?? []);
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
