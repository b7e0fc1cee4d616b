import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type {
	ChoiceItem,
	EvaluationTask,
	GenerationItem,
	MetricRow,
} from '../contract/evaluation.ts';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { evaluate } from './evaluate.ts';
import type { LoadedModel } from './model.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

let ops: Ops;
let model: LoadedModel;
beforeAll(async () => {
	ops = await createWasmOps();
	model = await loadTinyModel(ops);
});
afterEach(() => model.reset());
afterAll(() => {
	model.release();
	expect(ops.memory().tensors, 'tensors left over').toBe(0);
	ops.dispose();
});

const animals = ['cat', 'dog', 'horse', 'elephant', 'bird', 'fish', 'mouse', 'hedgehog'];
/** Prompts of 2 to 9 lines. */
const prompts = animals.map(
	(animal, index) =>
		`${animals
			.slice(0, index + 1)
			.map((other) => `English: ${other}\n`)
			.join('')}German: ${animal} `,
);
const generation: GenerationItem[] = prompts.map((prompt, index) => ({
	prompt,
	answer: animals[(3 * index) % 8]!,
}));
const choice: ChoiceItem[] = prompts.map((prompt, index) => ({
	prompt,
	answer: index % 2 === 0 ? 'hund' : '+',
	options: ['hund', '+', 'katze und maus'],
}));
const about = { name: 'words', subject: 'German' };
const taskOf = (items: GenerationItem[]): EvaluationTask => ({
	kind: 'generation',
	...about,
	items,
});
const choiceOf = (items: ChoiceItem[]): EvaluationTask => ({ kind: 'choice', ...about, items });

const run = (tasks: EvaluationTask[], check: () => void = () => undefined) =>
	evaluate(ops, model, { weights: 'base', tasks }, { onProgress: () => undefined, check });
const mean = (rows: readonly MetricRow[], metric: MetricRow['metric']) =>
	rows.find((row) => row.metric === metric)!.mean;

test('prompts of all lengths together are answered as one by one', async () => {
	const together = await run([taskOf(generation), choiceOf(choice)]);
	const apart = [];
	// A common longest answer, so that each alone may say as much as all together.
	const tokens = (answer: string) =>
		model.needTokenizer().encode(answer, { special: false }).length;
	const answer = [...animals].sort((a, b) => tokens(b) - tokens(a))[0]!;
	const longest = { prompt: 'x', answer };
	for (const item of generation) apart.push(await run([taskOf([item, longest])]));
	for (const item of choice) apart.push(await run([choiceOf([item])]));
	const first = apart.map(({ predictions }) => predictions[0]!);
	expect(together.predictions).toEqual(first);
	// The model has random weights: it says something, and not the same thing to all.
	expect(new Set(first.slice(0, 8).map(({ given }) => given)).size).toBeGreaterThan(2);
	const right = first.slice(8).filter(({ given, expected }) => given === expected).length;
	expect(mean(together.rows, 'accuracy')).toBe(right / 8);
	expect(together.rows.map(({ task, metric, count }) => [task, metric, count])).toEqual([
		['words', 'exact-match', 8],
		['words', 'token-f1', 8],
		['words', 'accuracy', 8],
		['words', 'macro-f1', 8],
	]);
});

test('a model that has learnt the answers gives and chooses them', async () => {
	const tokenizer = model.needTokenizer();
	const items = ['cat', 'dog', 'horse'].map((word, index) => {
		const answer = ['katze', 'hund', 'pferd'][index]!;
		return { prompt: `English: ${word}\nGerman: `, answer };
	});
	const texts = items.map(({ prompt, answer }) =>
		tokenizer.encode(`${prompt}${answer}\n`, { special: true }),
	);
	const sequenceLength = Math.max(...texts.map(({ length }) => length));
	const size = texts.length * sequenceLength;
	const train = {
		count: texts.length,
		sequenceLength,
		inputIds: new Int32Array(size),
		targets: new Int32Array(size).fill(-100),
	};
	for (const [row, ids] of texts.entries()) {
		train.inputIds.set(ids, row * sequenceLength);
		train.targets.set(ids.slice(1), row * sequenceLength);
	}
	const tasks = [
		taskOf(items),
		choiceOf(items.map((item) => ({ ...item, options: ['katze', 'hund', 'pferd'] }))),
	];
	const { optimizer } = (await tinyJob(model, {})).spec;
	const job = await tinyJob(model, {
		selection: { method: 'full' },
		batch: { size: 3, accumulation: 1 },
		optimizer: { ...optimizer, learningRate: 1e-2 },
		steps: 150,
	});
	const { losses } = await trainJob(ops, model, { ...job, train });
	// Which of the three words is asked cannot be foretold; all the rest can.
	const targets = train.targets.filter((target) => target >= 0).length;
	const unforetold = (texts.length * Math.log(texts.length)) / targets;
	expect(losses.at(-1)).toBeLessThan(unforetold + 0.05);
	const { rows } = await run(tasks);
	expect(rows.map((row) => row.mean)).toEqual([1, 1, 1, 1]);
	await model.reset();
	expect(mean((await run(tasks)).rows, 'exact-match')).toBe(0);
});

test('ends in the middle of a task on request', async () => {
	let asked = 0;
	const check = () => {
		if (++asked > 3) throw Object.assign(new Error('Stopped on request'), { name: 'Cancelled' });
	};
	const before = ops.memory().tensors;
	await expect(run([taskOf(generation)], check)).rejects.toMatchObject({ name: 'Cancelled' });
	expect(ops.memory().tensors).toBe(before);
});
