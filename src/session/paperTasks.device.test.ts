/** The tasks on a real checkpoint, against whole sequences through the slow operations, token by token. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationTask, Prediction } from '../contract/evaluation.ts';
import { filledColumn } from '../data/columns.ts';
import { parseTable } from '../data/table.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { hiddenStates, releaseSequences, uploadSequences } from '../engine/model/decoder.ts';
import type { Ops } from '../engine/ops.ts';
import { createReferenceOps } from '../engine/reference/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { readExam } from '../tasks/examFile.ts';
import { chrf } from '../tasks/metrics/chrf.ts';
import { wordSet } from '../tasks/words/languages.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList } from '../tasks/words/wordList.ts';
import { evaluate } from './evaluate.ts';
import { type LoadedModel, loadModel } from './model.ts';
import { readJsonFile } from './testing.ts';

const data = '../shared/data';
const folder = `${data}/models/stories260K`;
const table = (file: string) => ({
	table: parseTable(readFileSync(`${data}/${file}`), file),
	file,
});

/** Natural log of softmax at the last position, in doubles. */
async function logProbabilities(ops: Ops, { decoder }: LoadedModel, ids: number[]) {
	const sequences = uploadSequences(ops, Int32Array.from(ids), 1, ids.length);
	const x = await hiddenStates(ops, decoder, sequences);
	const { y, inverseRms } = ops.rmsNorm(x, decoder.finalNorm.tensor, 1e-5);
	const logits = ops.linear(y, decoder.head.tensor);
	const last = (await ops.read(logits)).slice(-decoder.config.vocabularySize);
	ops.release(x, y, inverseRms, logits);
	releaseSequences(ops, sequences);
	const largest = last.reduce((a, b) => Math.max(a, b));
	const total = last.reduce((sum, value) => sum + Math.exp(value - largest), 0);
	return Array.from(last, (value) => value - largest - Math.log(total));
}

/** By the chain rule, one whole sequence for each token; `known` keeps what options share. */
async function logProbabilityOf(
	ops: Ops,
	model: LoadedModel,
	whole: number[],
	from: number,
	known: Map<string, number[]>,
) {
	let sum = 0;
	for (let at = from; at < whole.length; at++) {
		const before = whole.slice(0, at);
		const next = known.get(before.join()) ?? (await logProbabilities(ops, model, before));
		known.set(before.join(), next);
		sum += next[whole[at]!]!;
	}
	return sum;
}

async function greedyTokens(
	ops: Ops,
	model: LoadedModel,
	prompt: number[],
	most: number,
	mark: RegExp,
) {
	const made: number[] = [];
	const said = () => model.needTokenizer().decode(made);
	while (made.length < most && made.at(-1) !== 2 && !mark.test(said())) {
		const next = await logProbabilities(ops, model, [...prompt, ...made]);
		made.push(next.indexOf(next.reduce((a, b) => Math.max(a, b))));
	}
	return made;
}

const meanOf = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

describe.skipIf(!existsSync(data))('tasks on stories260K', () => {
	let ops: Ops;
	let slow: Ops;
	let model: LoadedModel;
	let reference: LoadedModel;
	let tokenizer: TextTokenizer;
	beforeAll(async () => {
		const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
		const files = names.map((name) => new File([readFileSync(`${folder}/${name}`)], name));
		const load = (on: Ops) => loadModel(on, { kind: 'files', files }, false, () => undefined);
		ops = await createWasmOps();
		slow = createReferenceOps();
		[model, reference] = [await load(ops), await load(slow)];
		tokenizer = model.needTokenizer();
	});
	afterAll(() => {
		model.release();
		expect(ops.memory().tensors, 'tensors left over').toBe(0);
		ops.dispose();
	});
	const measure = async (task: EvaluationTask) =>
		evaluate(
			ops,
			model,
			{ weights: 'base', tasks: [task] },
			{ onProgress: () => undefined, check: () => undefined },
		);
	const encode = (text: string) => tokenizer.encode(text, { special: true });

	test('words: every answer, exact match and first token', async () => {
		const german = readWordList(table('wendler/langs/de/clean.csv'));
		const whole = wordSet(['su', ownWordList('su')], ['de', german]);
		const first = { ...whole, pairs: whole.pairs.slice(0, 8) };
		const asked = await measure({ kind: 'words', set: first, runs: 1, seed: 1 });
		// What the model says to the even ones is accepted as well: prompts show the first form only.
		const pairs = first.pairs.map((pair, index) => ({
			...pair,
			target: [...pair.target, ...(index % 2 === 0 ? [asked.predictions[index]!.given] : [])],
		}));
		const { rows, predictions } = await measure({
			...{ kind: 'words', set: { ...first, pairs }, runs: 1, seed: 1 },
		});
		expect(predictions).toHaveLength(8);
		const vocabulary = Object.entries(
			(readJsonFile(`${folder}/tokenizer.json`) as { model: { vocab: Record<string, number> } })
				.model.vocab,
		);
		const begins = (words: readonly string[]) =>
			vocabulary.flatMap(([token, id]) => {
				const text = token.replace(/^▁/, '');
				return text !== '' && words.some((word) => word.startsWith(text)) ? [id] : [];
			});
		const exact: boolean[] = [];
		const starts: boolean[] = [];
		for (const [index, { prompt, given, right }] of predictions.entries()) {
			const { target, english } = pairs[index]!;
			const made = await greedyTokens(slow, reference, encode(prompt), 16, /["\n]/);
			expect(given).toBe(tokenizer.decode(made).split(/["\n]/)[0]!.trim());
			exact.push(target.some((form) => form.toLowerCase() === given.toLowerCase()));
			expect(right).toBe(exact.at(-1));
			const own = begins(target);
			if (own.length === 0 || begins([english!]).some((id) => own.includes(id))) continue;
			starts.push(own.includes(made[0]!));
		}
		expect(meanOf(exact)).toBeGreaterThanOrEqual(1 / 4);
		expect(meanOf(exact)).toBeLessThan(1);
		expect(rows[0]).toMatchObject({ metric: 'exact-match', count: 8 });
		expect(rows[0]!.mean).toBeCloseTo(meanOf(exact), 12);
		expect(rows[1]).toMatchObject({ metric: 'first-token', count: starts.length });
		expect(rows[1]!.mean).toBeCloseTo(meanOf(starts), 12);
	});

	test('translation: every line is the most probable one, token by token', async () => {
		const [train, test] = ['train', 'test'].map((part) => {
			const file = table(`nusax/mt/${part}.csv`);
			const targets = filledColumn(file, 'javanese');
			return filledColumn(file, 'english').map((source, index) => ({
				source: source.slice(0, 24),
				target: targets[index]!.slice(0, 24),
			}));
		});
		const set = {
			...{ subject: 'English to Javanese', sourceName: 'English', targetName: 'Javanese' },
			...{ train: train!.slice(0, 4), test: test!.slice(0, 2) },
		};
		const { rows, predictions } = await measure({ kind: 'translation', set, runs: 1, seed: 2 });
		const metrics = ['chrf++', 'bleu', 'exact-match', 'token-f1'];
		expect(rows).toMatchObject(metrics.map((metric) => ({ metric, shortened: 0 })));
		const said = predictions.map(({ given }) => given);
		const wanted = predictions.map(({ expected }) => expected);
		expect(rows[0]!.mean).toBe(chrf('chrf++', said, wanted).corpus);
		expect(rows[0]!.mean).toBeGreaterThan(0);
		for (const { prompt, given } of predictions) {
			const made = await greedyTokens(ops, model, encode(prompt), 256, /\n/);
			expect(given).toBe(tokenizer.decode(made).split('\n')[0]!.trim());
			expect(given.length).toBeGreaterThan(3);
		}
	});

	/** The option whose text is the most probable after the prompt. */
	async function likeliest({ prompt }: Prediction, options: readonly string[]): Promise<string> {
		const scores: number[] = [];
		const known = new Map<string, number[]>();
		for (const option of options) {
			const whole = encode(`${prompt} ${option}`);
			const from = encode(prompt).length;
			scores.push(await logProbabilityOf(slow, reference, whole, from, known));
		}
		return options[scores.indexOf(Math.max(...scores))]!;
	}

	test('exam: every letter', async () => {
		const { set } = readExam(table('indommlu/indommlu_subset_su.csv'), 'Bahasa Sunda');
		const short = set.questions.filter(({ question }) => question.length < 70).slice(0, 3);
		const few = { ...set, questions: short };
		const { rows, predictions } = await measure({ kind: 'exam', set: few, runs: 2, seed: 0 });
		expect(predictions).toHaveLength(6);
		for (const [index, prediction] of predictions.entries()) {
			const { letters, key } = short[index % 3]!;
			expect(prediction.expected).toBe(key);
			expect(prediction.given).toBe(await likeliest(prediction, letters));
		}
		const right = predictions.map(({ given, expected }) => given === expected);
		const runs = [meanOf(right.slice(0, 3)), meanOf(right.slice(3))];
		expect(rows[0]!.mean).toBeCloseTo((runs[0]! + runs[1]!) / 2, 12);
		expect(rows[0]!.sd).toBeCloseTo(Math.abs(runs[0]! - runs[1]!) / Math.SQRT2, 12);
	});

	test('sentiment: every label', async () => {
		const [train, test] = ['train', 'test'].map((part) => {
			const file = table(`nusax/sentiment/javanese/${part}.csv`);
			const labels = filledColumn(file, 'label');
			return filledColumn(file, 'text')
				.map((text, index) => ({ text, label: labels[index]! }))
				.filter(({ text }) => text.length < 60);
		});
		const set = { language: 'javanese', train: train!, test: test!.slice(0, 2) };
		const { predictions } = await measure({ kind: 'sentiment', set, runs: 1, seed: 0 });
		expect(predictions).toHaveLength(2);
		for (const prediction of predictions)
			expect(prediction.given).toBe(
				await likeliest(prediction, ['negative', 'neutral', 'positive']),
			);
	});
});
