import { expect, test } from 'vitest';
import type { WordSet } from '../../contract/evaluation.ts';
import { characters, fakeModel } from '../testing.ts';
import { measureWords, wordPrompts } from './words.ts';

const promptsOf = (...given: Parameters<typeof wordPrompts>) =>
	wordPrompts(...given).map(({ prompt }) => prompt);

/** Target words begin unlike the English ones, but for `moon`; `sea` has no token. */
const words = { sun: 'xa', moon: 'mb', sea: '\u0416c', tree: 'yd', stone: 'ze;Qf' };
const set = (targetCode: string): WordSet => ({
	subject: 'A to B',
	sourceName: 'A',
	targetName: 'B',
	sourceCode: 'a',
	targetCode,
	pairs: Object.entries(words).map(([english, target], index) => ({
		english,
		source: [`s${index}`, 'other'],
		target: target.split(';'),
	})),
});
const tokenizer = {
	...characters,
	idOf: (token: string) => (/^[a-zA-Z▁]$/.test(token) ? token.charCodeAt(0) : null),
};
const silent = () => undefined;
const asked = (prompt: string) => /(s\d)" - B: "$/.exec(prompt)![1]!;

test('a prompt shows four other pairs and asks for the fifth, drawn anew for each and each seed', () => {
	const prompts = promptsOf(set('b'), 7);
	expect(prompts.map(asked)).toEqual(['s0', 's1', 's2', 's3', 's4']);
	for (const [index, prompt] of prompts.entries()) {
		const lines = prompt.split('\n');
		expect(lines.at(-1)).toBe(`A: "s${index}" - B: "`);
		const others = Object.values(words).map(
			(word, at) => `A: "s${at}" - B: "${word.split(';')[0]}"`,
		);
		expect(lines.slice(0, 4).sort()).toEqual(others.filter((_, at) => at !== index).sort());
	}
	expect(promptsOf(set('b'), 7)).toEqual(prompts);
	expect(promptsOf(set('b'), 8)).not.toEqual(prompts);
});

test('exact match and first token, worked out by hand; every prompt is kept', async () => {
	const replies: Record<string, string> = {
		s0: 'XA" and more', // right whatever the case; its first token is X, not x
		s1: 'mb"', // right, but m begins "moon", too: no first token
		s2: 'sea', // wrong
		s3: ' y\nd', // wrong: cut at the newline
		s4: 'Qf"', // right: the second form
	};
	const { model, prompts } = fakeModel({ reply: (prompt) => replies[asked(prompt)]! });
	const task = set('b');
	const { rows, predictions } = await measureWords(
		model,
		tokenizer,
		task,
		{ runs: 2, seed: 7 },
		silent,
	);
	const row = { task: 'words', subject: 'A to B', sd: 0, runs: 2, shortened: 0 };
	expect(rows).toEqual([
		{ ...row, metric: 'exact-match', mean: 3 / 5, count: 5 },
		// Of sun, tree and stone: X is not x, the space is not y, Q begins the second form.
		{ ...row, metric: 'first-token', mean: 1 / 3, count: 3 },
	]);
	const texts = [...promptsOf(task, 7), ...promptsOf(task, 8)];
	expect(predictions.map(({ prompt }) => prompt)).toEqual(texts);
	expect(prompts.map((ids) => characters.decode(ids))).toEqual(texts);
	expect(predictions.map(({ run }) => run)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
	expect(predictions.slice(5).map(({ given, right }) => [given, right])).toEqual([
		['XA', true],
		['mb', true],
		['sea', false],
		['y', false],
		['Qf', true],
	]);
	expect(predictions[4]!.expected).toBe('ze; Qf');
});

test('into English a word may begin like the English word: it is the answer', async () => {
	const { model } = fakeModel({ reply: () => 'm' });
	const { rows } = await measureWords(model, tokenizer, set('en'), { runs: 1, seed: 0 }, silent);
	expect(rows[1]).toMatchObject({ metric: 'first-token', mean: 1 / 4, count: 4, sd: null });
});

test('runs have their own shots: mean and deviation over them', async () => {
	// Right where the first shot is the word before the one asked, in the order of the list.
	const { model } = fakeModel({
		reply: (prompt) => {
			const index = Number(asked(prompt).slice(1));
			const first = Number(/s(\d)/.exec(prompt)![1]);
			return first === (index + 4) % 5 ? Object.values(words)[index]!.split(';')[0]! : 'no';
		},
	});
	const task = set('b');
	const right = [7, 8, 9].map(
		(seed) =>
			promptsOf(task, seed).filter((prompt, index) => prompt.startsWith(`A: "s${(index + 4) % 5}"`))
				.length / 5,
	);
	const mean = (right[0]! + right[1]! + right[2]!) / 3;
	const sd = Math.sqrt(right.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 2);
	expect(sd).toBeGreaterThan(0);
	const { rows } = await measureWords(model, tokenizer, task, { runs: 3, seed: 7 }, silent);
	expect(rows[0]!.mean).toBeCloseTo(mean, 12);
	expect(rows[0]!.sd).toBeCloseTo(sd, 12);
});

test('refuses fewer pairs than a prompt needs', async () => {
	const { model } = fakeModel({});
	const few = { ...set('b'), pairs: set('b').pairs.slice(0, 4) };
	await expect(
		measureWords(model, tokenizer, few, { runs: 1, seed: 0 }, silent),
	).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(/4 pairs/) as string,
	});
});
