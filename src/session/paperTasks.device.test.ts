/** The tasks of the paper on a real checkpoint, against the stored numbers of a plain decoder (e2e/reference). */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prediction, WordSet } from '../contract/evaluation.ts';
import { parseTable } from '../data/table.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { measureExam } from '../tasks/exam.ts';
import { readExam } from '../tasks/examFile.ts';
import type { Measured } from '../tasks/items.ts';
import type { LanguageModel } from '../tasks/languageModel.ts';
import { chrf } from '../tasks/metrics/chrf.ts';
import { measureSentiment } from '../tasks/sentiment.ts';
import { readSentiment } from '../tasks/sentimentFile.ts';
import { measureTranslation } from '../tasks/translation.ts';
import { readTranslation } from '../tasks/translationFile.ts';
import { wordSet } from '../tasks/words/languages.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList } from '../tasks/words/wordList.ts';
import { measureWords } from '../tasks/words/words.ts';
import { languageModel } from './languageModel.ts';
import { type LoadedModel, loadModel } from './model.ts';
import { readJsonFile } from './testing.ts';

const data = '../shared/data';
const folder = `${data}/models/stories260K`;

interface Spread {
	readonly mean: number;
	readonly sd: number | null;
}
interface Setting<Answer> {
	readonly runs: number;
	readonly seed: number;
	/** Rows of the files, from 0. */
	readonly pool: readonly number[];
	readonly asked: readonly number[];
	/** Run by run; texts as SHA-256. */
	readonly answers: readonly (readonly Answer[])[];
}
interface Choice {
	readonly prompt: string;
	readonly given: string;
	readonly expected: string;
	readonly logProbabilities: readonly number[];
}
interface Text {
	readonly prompt: string;
	readonly given: string;
}
interface Stored {
	readonly words: Setting<Text & { readonly right: boolean }> & {
		readonly pairs: number;
		/** Items whose first token tells. */
		readonly told: number;
		readonly 'exact-match': Spread;
		readonly 'first-token': Spread;
	};
	readonly translation: Setting<Text>;
	readonly sentiment: Setting<Choice> & { readonly 'macro-f1': Spread };
	readonly exam: Setting<Choice> & { readonly accuracy: Spread };
}
const stored = readJsonFile('e2e/reference/stories260K.json') as Stored;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const silent = () => undefined;

const table = (path: string) => ({
	table: parseTable(readFileSync(`${data}/${path}`), path),
	file: path,
});
function rowsOf(path: string, numbers: readonly number[]) {
	const { table: whole, file } = table(path);
	return { table: { ...whole, rows: numbers.map((number) => whole.rows[number]!) }, file };
}

/** `scores` takes what the model was asked to score, in order. */
function recording(model: LanguageModel): LanguageModel & { readonly scores: number[][] } {
	const scores: number[][] = [];
	return {
		...model,
		scores,
		async scoreContinuations(items, onDone) {
			const made = await model.scoreContinuations(items, onDone);
			scores.push(...made);
			return made;
		},
	};
}

function expectMetric({ rows }: Measured, metric: string, { mean, sd }: Spread) {
	const row = rows.find((one) => one.metric === metric)!;
	expect(row.shortened).toBe(0);
	expect(row.mean).toBeCloseTo(mean, 12);
	if (sd === null) expect(row.sd).toBeNull();
	else expect(row.sd).toBeCloseTo(sd, 12);
}

function expectTexts(predictions: readonly Prediction[], answers: Setting<Text>['answers']) {
	expect(predictions.map(({ prompt }) => hash(prompt))).toEqual(
		answers.flat().map(({ prompt }) => prompt),
	);
	expect(predictions.map(({ given }) => hash(given))).toEqual(
		answers.flat().map(({ given }) => given),
	);
}

describe.skipIf(!existsSync(data))('tasks of the paper on stories260K', () => {
	onEveryBackend(
		'as a plain decoder answers them,',
		(ops, backend) => {
			/** Largest relative error of a sum of log p. */
			const tolerance = backend === 'wasm' ? 1e-5 : 1e-4;
			let model: LoadedModel;
			beforeAll(async () => {
				const names = ['config.json', 'model.safetensors', 'tokenizer.json'];
				const all = [...names, 'tokenizer_config.json'];
				const files = all.map((name) => new File([readFileSync(`${folder}/${name}`)], name));
				model = await loadModel(ops(), { kind: 'files', files }, false, silent);
			});
			afterAll(() => {
				model.release();
				expect(ops().memory().tensors, 'tensors left over').toBe(0);
			});
			const lm = () => recording(languageModel(ops(), model, silent));

			function expectChoices(
				predictions: readonly Prediction[],
				scores: readonly (readonly number[])[],
				answers: readonly Choice[],
			) {
				for (const [index, answer] of answers.entries()) {
					const { prompt, given, expected } = predictions[index]!;
					expect({ prompt: hash(prompt), given, expected }).toEqual({
						...{ prompt: answer.prompt, given: answer.given, expected: answer.expected },
					});
					for (const [option, value] of answer.logProbabilities.entries())
						expect(Math.abs(scores[index]![option]! / value - 1)).toBeLessThan(tolerance);
				}
				expect(predictions).toHaveLength(answers.length);
			}

			test('words: every prompt and answer, exact match and first token', async () => {
				const { pairs: count, runs, seed, answers, told, ...metrics } = stored.words;
				const german = readWordList(table('wendler/langs/de/clean.csv'));
				const whole = wordSet(['su', ownWordList('su')], ['de', german]);
				const measure = (set: WordSet) =>
					measureWords(lm(), model.needTokenizer(), set, { runs, seed }, silent);
				const pairs = whole.pairs.slice(0, count);
				const asked = await measure({ ...whole, pairs });
				expectTexts(asked.predictions, answers);
				// What the model says to the even ones is accepted as well: prompts show the first form only.
				const accepting = pairs.map((pair, index) => ({
					...pair,
					target: [...pair.target, ...(index % 2 === 0 ? [asked.predictions[index]!.given] : [])],
				}));
				const measured = await measure({ ...whole, pairs: accepting });
				expectTexts(measured.predictions, answers);
				expect(measured.predictions.map(({ right }) => right)).toEqual(
					answers.flat().map(({ right }) => right),
				);
				expectMetric(measured, 'exact-match', metrics['exact-match']);
				expectMetric(measured, 'first-token', metrics['first-token']);
				expect(measured.rows.map((row) => row.count)).toEqual([count, told]);
			});

			test('translation: every prompt and line', async () => {
				const { pool, asked, runs, seed, answers } = stored.translation;
				const set = readTranslation(
					[
						{ column: 'english', name: 'English' },
						{ column: 'javanese', name: 'Javanese' },
					],
					rowsOf('nusax/mt/train.csv', pool),
					rowsOf('nusax/mt/test.csv', asked),
				);
				const measured = await measureTranslation(
					lm(),
					model.needTokenizer(),
					set,
					{ runs, seed },
					silent,
				);
				const { rows, predictions } = measured;
				expectTexts(predictions, answers);
				expect(rows.map(({ metric }) => metric)).toEqual([
					...['chrf++', 'bleu', 'exact-match', 'token-f1'],
				]);
				const said = predictions.map(({ given }) => given);
				const wanted = predictions.map(({ expected }) => expected);
				expectMetric(measured, 'chrf++', { mean: chrf('chrf++', said, wanted).corpus, sd: null });
			});

			test('sentiment: every prompt, log p of every label, macro-F1', async () => {
				const { pool, asked, runs, seed, answers, ...metrics } = stored.sentiment;
				const within = 'nusax/sentiment/javanese';
				const set = readSentiment(
					'javanese',
					rowsOf(`${within}/train.csv`, pool),
					rowsOf(`${within}/test.csv`, asked),
				);
				const recorded = lm();
				const measured = await measureSentiment(
					recorded,
					model.needTokenizer(),
					set,
					{ runs, seed },
					silent,
				);
				expectChoices(measured.predictions, recorded.scores, answers.flat());
				expectMetric(measured, 'macro-f1', metrics['macro-f1']);
			});

			test('exam: every prompt, log p of every letter, accuracy', async () => {
				const { asked, runs, seed, answers, ...metrics } = stored.exam;
				const named = rowsOf('indommlu/indommlu_subset_su.csv', asked);
				const { set } = readExam(named, 'Bahasa Sunda');
				const recorded = lm();
				const measured = await measureExam(
					recorded,
					model.needTokenizer(),
					set,
					{ runs, seed },
					silent,
				);
				expectChoices(measured.predictions, recorded.scores, answers.flat());
				expectMetric(measured, 'accuracy', metrics.accuracy);
			});
		},
		['wasm', 'webgpu'],
	);
});
