/** Few-shot sentiment classification, one example per class and run (NusaX; method 6.3). */
import { namedError } from '../contract/errors.ts';
import type { MetricRow, SentimentExample, SentimentSet } from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom, permutation } from '../engine/random.ts';
import type { LanguageModel } from './languageModel.ts';
import { macroF1 } from './metrics/macroF1.ts';
import { meanAndSd } from './metrics/spread.ts';
import { createPromptFitter, type FittedPrompt } from './sentimentPrompt.ts';

export interface SentimentRuns {
	readonly runs: number;
	/** Run r draws its examples with seed + r. */
	readonly seed: number;
}

/**
 * Macro-F1 over the classes, in [0, 1], mean and deviation over runs. An answer is the label whose tokens have the
 * largest sum of log p. Base and adapted model see the same prompts.
 * Throws `BadInput` where a set is empty or a class has no example to draw.
 */
export async function measureSentiment(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: SentimentSet,
	{ runs, seed }: SentimentRuns,
	onProgress: (done: number, total: number) => void,
): Promise<Omit<MetricRow, 'weights'>> {
	const labels = labelsOf(set);
	const gold = set.test.map(({ label }) => label);
	const fit = createPromptFitter(tokenizer, labels, model.contextLength);
	const scores: number[] = [];
	let shortened = 0;
	for (let run = 0; run < runs; run++) {
		const shots = drawShots(set.train, labels, seed + run);
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
	}
	return {
		task: 'sentiment',
		subject: set.language,
		metric: 'macro-f1',
		...meanAndSd(scores),
		runs,
		count: gold.length,
		shortened,
	};
}

/** One random example per class, in random order. */
export function drawShots(
	train: readonly SentimentExample[],
	labels: readonly string[],
	seed: number,
): SentimentExample[] {
	const random = createRandom(seed);
	const drawn = labels.map((label) => {
		const candidates = train.filter((example) => example.label === label);
		const shot = candidates[random.integer(candidates.length)];
		if (shot) return shot;
		throw namedError(
			'BadInput',
			`Sentiment: no training example has label "${label}"; add one or remove the label from the test set`,
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
