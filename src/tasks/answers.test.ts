/** Answers that begin alike are scored to a common end; where none begins another, nothing is added. */
import { describe, expect, test } from 'vitest';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { measureChoice } from './choice.ts';
import { encodeContinuations } from './items.ts';
import { measureSentiment } from './sentiment.ts';
import { characters, fakeModel } from './testing.ts';

const silent = () => undefined;
const end = '\n\n';
const textsOf = (answers: readonly string[], tokenizer = characters) =>
	encodeContinuations(tokenizer, 'q:', answers, end).options.map((ids) => tokenizer.decode(ids));

/** Some texts are one token. */
function withTokens(...merged: string[]): TextTokenizer {
	const id = (index: number) => 0x100 + index;
	return {
		...characters,
		encode: (text, options) =>
			characters.encode(
				merged.reduce(
					(all, one, index) => all.replaceAll(one, String.fromCharCode(id(index))),
					text,
				),
				options,
			),
		decode: (ids) => ids.map((one) => merged[one - 0x100] ?? characters.decode([one])).join(''),
	};
}

describe('the tokens of answers', () => {
	test('are those of the answers alone where none begins with another', () => {
		expect(textsOf([' good', ' bad', ' neutral'])).toEqual([' good', ' bad', ' neutral']);
		// By their letters one begins the other; by their tokens it does not.
		const tokenizer = withTokens(' goodness', ' good');
		expect(textsOf([' good', ' goodness'], tokenizer)).toEqual([' good', ' goodness']);
	});

	test.each([
		[[' good', ' good enough', ' bad']],
		[[' bad', ' good enough', ' good']],
		[[' a', ' ab', ' abc']],
		[[' 1', ' 10']],
	])('of %j all go to the end', (answers) => {
		expect(textsOf(answers)).toEqual(answers.map((answer) => answer + end));
	});

	test('may share a token with the end, or with the prompt', () => {
		const tokenizer = withTokens(' good\n\n', ': ');
		const { prompt, options } = encodeContinuations(tokenizer, 'q:', [' good', ' good x'], end);
		expect(tokenizer.decode(prompt)).toBe('q');
		expect(options.map((ids) => tokenizer.decode(ids))).toEqual([': good\n\n', ': good x\n\n']);
		// The border's token is in both, so that both are of the same text.
		const [short, long] = options;
		expect(long!.slice(0, short!.length)).not.toEqual(short);
	});

	test('that are the same to the model are refused with both answers', () => {
		const blind: TextTokenizer = {
			...characters,
			encode: (text, options) => characters.encode(text.replace(/[äö]/g, '?'), options),
		};
		expect(() => textsOf([' ä', ' b', ' ö'], blind)).toThrow(/"ä" and "ö" cannot be told apart/);
		expect(() => textsOf([' a', ' a\n\nb'])).toThrow(/"a" and "a\\n\\nb" cannot be told apart/);
		expect(textsOf([' a', ' b', ' a'])).toEqual([' a', ' b', ' a']);
	});
});

/** p of every letter given those before it in the answer, by a table of whole answers with their ends. */
const chances: Readonly<Record<string, number>> = {
	' good\n\n': 0.1,
	' good enough\n\n': 0.6,
	' bad\n\n': 0.3,
};
/** Log of the probability that an answer begins with `text`. */
const score = (_prompt: string, text: string) =>
	Math.log(
		Object.entries(chances).reduce(
			(sum, [whole, chance]) => sum + (whole.startsWith(text) ? chance : 0),
			0,
		),
	);

test('the longer label wins where it is likelier as a whole', async () => {
	const { model } = fakeModel({ score });
	// As beginnings, "good" has 0.7 and "good enough" 0.6: without ends the longer one can never win.
	expect(Math.exp(score('', ' good'))).toBeCloseTo(0.7);
	const labels = ['good', 'good enough', 'bad'];
	const examples = labels.map((label) => ({ text: `${label}!`, label }));
	const test = [{ text: 'x', label: 'good enough' }];
	const set = { language: 'j', train: examples, test };
	const draws = { runs: 1, seed: 1 };
	const { predictions } = await measureSentiment(model, characters, set, draws, silent);
	expect(predictions[0]).toMatchObject({ given: 'good enough', right: true });
});

test('options of one item that begin alike are scored to the end of the line', async () => {
	const lines = { ' a\n': 0.2, ' ab\n': 0.5, ' c\n': 0.3 };
	const { model } = fakeModel({
		score: (_prompt, text) =>
			Math.log(
				Object.entries(lines).reduce(
					(sum, [line, chance]) => sum + (line.startsWith(text) ? chance : 0),
					0,
				),
			),
	});
	const items = [
		{ prompt: 'q:', answer: ' ab', options: [' a', ' ab', ' c'] },
		{ prompt: 'q:', answer: ' a', options: [' a', ' c'] },
	];
	const task = { kind: 'choice', name: 'n', subject: 's', items } as const;
	const { predictions } = await measureChoice(model, characters, task, silent);
	expect(predictions.map(({ given }) => given)).toEqual([' ab', ' a']);
});
