import { expect, test } from 'vitest';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { measureChoice } from './choice.ts';
import { encodeContinuations } from './items.ts';
import { characters, fakeModel } from './testing.ts';

const options = ['+', '-', '0'];
const task = (items: { prompt: string; answer: string; options?: string[] }[]) =>
	({
		kind: 'choice',
		name: 'sentiment',
		subject: 'Javanese',
		items: items.map((item) => ({ options, ...item })),
	}) as const;
const silent = () => undefined;

test('chooses the most probable option; macro-F1 counts the answers that occur', async () => {
	// What the model finds most probable is written in the prompt; "?" finds all alike.
	const { model } = fakeModel({ score: (prompt, option) => (prompt.includes(option) ? -1 : -2) });
	const items = [
		{ prompt: '+ = ', answer: '+' },
		{ prompt: '+ = ', answer: '+' },
		{ prompt: '- = ', answer: '+' },
		{ prompt: '- = ', answer: '-' },
		{ prompt: '0 = ', answer: '-' },
		{ prompt: '? = ', answer: '-' },
	];
	const { rows, predictions } = await measureChoice(model, characters, task(items), silent);
	const row = { task: 'sentiment', subject: 'Javanese', sd: null, runs: 1, count: 6, shortened: 0 };
	expect(rows).toEqual([
		{ ...row, metric: 'accuracy', mean: 3 / 6 },
		// +: TP 2, FP 1, FN 1; -: TP 1, FP 1, FN 2; 0 is no item's answer and no class.
		{ ...row, metric: 'macro-f1', mean: (4 / 6 + 2 / 5) / 2 },
	]);
	expect(predictions.map(({ given }) => given)).toEqual(['+', '+', '-', '-', '0', '+']);
	expect(predictions[2]).toEqual({ prompt: '- = ', expected: '+', given: '-', right: false });
});

test('a token over the border of prompt and option is scored with the option', () => {
	// "a" and "b" together are one token.
	const merging: TextTokenizer = {
		...characters,
		encode: (text, { special }) => characters.encode(text.replaceAll('ab', '\u00c8'), { special }),
	};
	expect(encodeContinuations(merging, 'xa', ['b', 'cd'], '\n')).toEqual({
		prompt: [1, 120],
		options: [[0xc8], [97, 99, 100]],
	});
	expect(encodeContinuations(merging, 'xa', ['d', 'cd'], '\n')).toEqual({
		prompt: [1, 120, 97],
		options: [[100], [99, 100]],
	});
});

test('shortens a prompt so that it fits with its longest option', async () => {
	const { model, prompts } = fakeModel({ score: () => -1 }, 8);
	const items = [
		{ prompt: 'one two', answer: 'xyz', options: ['xyz', 'q'] },
		{ prompt: 'a two', answer: 'x', options: ['x', 'y'] },
	];
	const { rows } = await measureChoice(model, characters, task(items), silent);
	expect(prompts).toEqual([
		[1, ...characters.encode(' two', { special: false })],
		[1, ...characters.encode('a two', { special: false })],
	]);
	expect(rows.map(({ shortened }) => shortened)).toEqual([1, 1]);
});

test('refuses an answer that is no option, and an empty option', async () => {
	const { model } = fakeModel({ score: () => -1 });
	const refused = (item: { prompt: string; answer: string; options?: string[] }) =>
		expect(measureChoice(model, characters, task([{ prompt: 'a', answer: '+' }, item]), silent))
			.rejects;
	await refused({ prompt: 'b', answer: 'x' }).toThrow(
		/^sentiment, Javanese, item 2: the answer "x" is not among/,
	);
	await refused({ prompt: 'b', answer: 'x', options: ['x', ''] }).toThrow(/an option is empty/);
});
