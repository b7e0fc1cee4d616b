import { expect, test } from 'vitest';
import type { EvaluationTask } from '../contract/evaluation.ts';
import { trainedItems } from './trainedItems.ts';

const draws = { runs: 1, seed: 1 };
const texts = (...all: string[]): EvaluationTask => ({
	kind: 'sentiment',
	set: { language: 'a', train: [], test: all.map((text) => ({ text, label: 'x' })) },
	...draws,
});
const found = async (task: EvaluationTask, ...rows: string[]) =>
	(await trainedItems([task], rows))[0]?.trained;

test('a text is found whatever its case, white space and composition, at the borders of words', async () => {
	const text = 'Aku  mangan séga.';
	expect(await found(texts(text), 'Wingi aku mangan se\u0301ga, enak')).toBe(1);
	expect(await found(texts(text), 'AKU\nMANGAN SÉGA')).toBe(1);
	expect(await found(texts(text), 'aku mangan ségane')).toBe(0);
	expect(await found(texts(text), 'nyaku mangan séga')).toBe(0);
	expect(await found(texts(text), 'aku mangan', 'séga')).toBe(0);
	expect(await found(texts('我喜欢'), '他说我喜欢茶')).toBe(1);
	expect(await found(texts('!?', '...'), '!? ...')).toBe(0);
});

test('a word is found with one of its translations in the same row only', async () => {
	const pair = (...source: string[]) => ({ english: null, source, target: ['dog', 'hound'] });
	const task: EvaluationTask = {
		kind: 'words',
		set: {
			...{ subject: 'x', sourceName: 'x', targetName: 'y', sourceCode: 'x', targetCode: 'y' },
			pairs: [pair('asu'), pair('kirik', 'segawon')],
		},
		...draws,
	};
	expect(await found(task, 'What is asu?\n\nA dog.')).toBe(1);
	expect(await found(task, 'asu', 'dog')).toBe(0);
	expect(await found(task, 'Segawon: hound', 'asu is a hound')).toBe(2);
	expect(await found(task, 'asumsi dogma')).toBe(0);
});

test('a sentence is found in either language, a question with its right answer', async () => {
	const translation: EvaluationTask = {
		kind: 'translation',
		set: {
			...{ subject: 'x', sourceName: 'x', targetName: 'y', train: [] },
			test: [
				{ source: 'I eat rice', target: 'Aku mangan sega' },
				{ source: 'We go', target: 'Aku lunga' },
			],
		},
		...draws,
	};
	expect(await found(translation, 'He said: "Aku mangan sega!"')).toBe(1);
	const exam: EvaluationTask = {
		kind: 'exam',
		set: {
			subject: 'x',
			shots: null,
			questions: [
				{
					...{ subject: 'x', level: '', grade: '', question: 'What is it?', letters: ['A', 'B'] },
					...{ options: 'A. a cat\nB. a dog', key: 'B' },
				},
			],
		},
		...draws,
	};
	expect(await found(exam, 'What is it?\nA cat')).toBe(0);
	expect(await found(exam, 'What is it?\nA dog')).toBe(1);
});

test('tasks are counted apart, in their order; those without texts are not counted', async () => {
	const block = {
		...{ count: 0, sequenceLength: 1 },
		...{ inputIds: new Int32Array(), targets: new Int32Array() },
	};
	const loss = { kind: 'text-loss', set: { language: 'a', texts: ['one two', 'four'] } } as const;
	const tasks = [texts('one', 'nine'), { kind: 'block-loss', name: 'b', block }, loss] as const;
	expect(await trainedItems(tasks, ['one two three'])).toEqual([
		{ items: 2, trained: 1 },
		null,
		{ items: 2, trained: 1 },
	]);
});

test('5,200 rows of a hundred words are searched for 400 sentences without scanning each for each', async () => {
	const word = (number: number) => `w${number % 997}`;
	const sentence = (from: number) =>
		Array.from({ length: 12 }, (_, at) => word(from * 31 + at * at)).join(' ');
	const task = texts(...Array.from({ length: 400 }, (_, index) => sentence(index)));
	const row = Array.from({ length: 8 }, (_, at) => sentence(at * 50)).join('. ');
	function* rows() {
		for (let index = 0; index < 5200; index++) yield row;
	}
	expect((await trainedItems([task], rows()))[0]).toEqual({ items: 400, trained: 8 });
});
