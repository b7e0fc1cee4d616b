import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ExamQuestion } from '../contract/evaluation.ts';
import { createTokenizer } from '../data/tokenizer.ts';
import { examPrompts, measureExam } from './exam.ts';
import { encodeContinuations } from './items.ts';
import { characters, fakeModel } from './testing.ts';

const promptsOf = (...given: Parameters<typeof examPrompts>) =>
	examPrompts(...given).map(({ prompt }) => prompt);

const question = (name: string, key: string, letters = ['A', 'B', 'C']): ExamQuestion => ({
	...{ subject: 'Bahasa Jawa', level: 'SD', grade: '4', question: `Apa ${name}?`, key, letters },
	options: letters.map((letter) => `${letter}. ${name}${letter}`).join('\n'),
});
const questions = [
	question('p', 'A'),
	question('q', 'B'),
	question('r', 'C', ['A', 'B', 'C', 'D']),
];
const shots = [question('x', 'A'), question('y', 'B'), question('z', 'C')];
const set = { subject: 'Bahasa Jawa, SD', questions, shots };
const silent = () => undefined;
const block = (name: string, options: string) =>
	'Ini adalah soal Bahasa Jawa untuk 4 SD. Pilihlah salah satu jawaban yang dianggap benar!\n\n' +
	`Apa ${name}?\n${options}\n\nJawaban:`;
const shown = ['x', 'y', 'z'].map(
	(name, index) => `${block(name, `A. ${name}A\nB. ${name}B\nC. ${name}C`)} ${'ABC'[index]}\n\n`,
);

test('a prompt shows two of the few-shot questions, the same to all of a run', () => {
	const seen = new Set<string>();
	for (let seed = 0; seed < 40; seed++) {
		const prompts = promptsOf(set, seed);
		const ending = block('p', 'A. pA\nB. pB\nC. pC');
		expect(prompts[0]!.endsWith(ending)).toBe(true);
		const before = prompts[0]!.slice(0, -ending.length);
		expect(prompts[2]).toBe(before + block('r', 'A. rA\nB. rB\nC. rC\nD. rD'));
		expect(shown.filter((one) => before.includes(one)).join('').length).toBe(before.length);
		expect(before.length).toBe(2 * shown[0]!.length);
		seen.add(before);
	}
	expect(seen.size).toBe(6);
});

test('without few-shot questions the others are shown, never the one that is asked', () => {
	for (const prompt of promptsOf({ ...set, shots: null }, 3))
		for (const { question: text } of questions) expect(prompt.split(text)).toHaveLength(2);
	const more = [...questions, question('s', 'A'), question('t', 'B')];
	const prompts = Array.from({ length: 20 }, (_, seed) =>
		promptsOf({ ...set, questions: more, shots: null }, seed),
	).flat();
	for (const prompt of prompts) {
		const names = [...prompt.matchAll(/Apa (\w)\?/g)].map(([, name]) => name);
		expect(new Set(names).size).toBe(3);
	}
});

test('answers with the likeliest of its own letters; worked out by hand, prompts kept', async () => {
	// D is the likeliest everywhere, but only r has it; then C, then B.
	const { model, prompts } = fakeModel({ score: (_, option) => option.charCodeAt(1) });
	const { rows, predictions } = await measureExam(
		model,
		characters,
		set,
		{ runs: 2, seed: 5 },
		silent,
	);
	expect(rows).toEqual([
		{
			...{ task: 'exam', subject: 'Bahasa Jawa, SD', metric: 'accuracy', mean: 0, sd: 0 },
			...{ runs: 2, count: 3, shortened: 0 },
		},
	]);
	expect(predictions.map(({ given, expected }) => given + expected)).toEqual([
		...['CA', 'CB', 'DC'],
		...['CA', 'CB', 'DC'],
	]);
	const texts = [...promptsOf(set, 5), ...promptsOf(set, 6)];
	expect(predictions.map(({ prompt }) => prompt)).toEqual(texts);
	expect(prompts.map((ids) => characters.decode(ids))).toEqual(texts);
	expect(texts[0]).not.toBe(texts[3]);

	const right = fakeModel({ score: (_, option) => (option === ' B' ? -1 : -2) });
	const second = await measureExam(right.model, characters, set, { runs: 1, seed: 5 }, silent);
	expect(second.rows[0]).toMatchObject({ mean: 1 / 3, sd: null, runs: 1 });
	expect(second.predictions.map((one) => one.right)).toEqual([false, true, false]);
});

test('a prompt that is too long loses its beginning; what was asked is what is kept', async () => {
	const { model, prompts } = fakeModel({ score: () => -1 }, 200);
	const { rows, predictions } = await measureExam(
		model,
		characters,
		set,
		{ runs: 1, seed: 5 },
		silent,
	);
	expect(rows[0]).toMatchObject({ shortened: 3 });
	expect(prompts[0]).toHaveLength(198);
	expect(predictions[0]!.prompt).toBe(promptsOf(set, 5)[0]!.slice(-197));
});

test('refuses too little to show', async () => {
	const { model } = fakeModel({});
	const few = [
		{ shots: shots.slice(0, 1) },
		{ shots: [] },
		{ shots: null, questions: shots.slice(0, 2) },
	];
	for (const change of few)
		await expect(
			measureExam(model, characters, { ...set, ...change }, { runs: 1, seed: 0 }, silent),
		).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(/^exam, Bahasa Jawa, SD: /) as string,
		});
});

const folder = '../shared/data/tokenizers/llama2';
test.skipIf(!existsSync(folder))(
	'letters are the single tokens with their space in Llama 2',
	{ timeout: 30_000 },
	() => {
		const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as unknown;
		const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
		const letters = ['A', 'B', 'C', 'D', 'E'].map((letter) => ` ${letter}`);
		const prompt = promptsOf(set, 0)[0]!;
		const { prompt: ids, options } = encodeContinuations(tokenizer, prompt, letters, '\n\n');
		// The ids of ▁A to ▁E; ":" is the token before them, not a lone space.
		expect(options).toEqual([[319], [350], [315], [360], [382]]);
		expect(tokenizer.decode([ids.at(-1)!])).toBe(':');
	},
);
