/** What the context left out of a prompt is told with its answer and counted in the row. */
import { expect, test } from 'vitest';
import type { ExamQuestion, Prediction } from '../contract/evaluation.ts';
import { measureChoice } from './choice.ts';
import { measureExam } from './exam.ts';
import { measureGeneration } from './generation.ts';
import type { Measured } from './items.ts';
import { measureSentiment } from './sentiment.ts';
import { characters, fakeModel } from './testing.ts';
import { measureTranslation } from './translation.ts';
import { measureWords } from './words/words.ts';

const silent = () => undefined;
const draws = { runs: 1, seed: 1, shots: 1 };
const cuts = ({ predictions }: { readonly predictions: readonly Prediction[] }) =>
	predictions.map(({ cut }) => cut ?? null);
const counts = ({ rows: [row] }: Measured) => [row?.shortened, row?.cutItems];

test('words: examples first, then the word itself', async () => {
	const pairs = ['a', 'b', 'c'.repeat(30)].map((word) => ({
		...{ english: null, source: [word], target: ['t'] },
	}));
	const set = {
		...{ subject: 's', sourceName: 'S', targetName: 'T', sourceCode: 's', targetCode: 't' },
		pairs,
	};
	// `S: "a" - T: "` has 13 tokens; 16 are for the answer, 1 begins.
	const at = async (context: number) => {
		const { model } = fakeModel({ reply: () => 't"' }, context);
		return measureWords(model, characters, set, draws, silent);
	};
	const whole = await at(1000);
	expect([cuts(whole), counts(whole)]).toEqual([
		[null, null, null],
		[0, undefined],
	]);
	const tight = await at(1 + 13 + 29 + 16);
	expect(cuts(tight)[2]).toBe('examples');
	expect(tight.rows[0]!.cutItems).toBeUndefined();
	const tighter = await at(1 + 13 + 28 + 16);
	expect(cuts(tighter)[2]).toBe('item');
	expect(tighter.rows[0]).toMatchObject({ cutItems: 1 });
	expect(tighter.predictions[2]!.prompt.endsWith('c" - T: "')).toBe(true);
});

test('sentences', async () => {
	const pair = (source: string) => ({ source, target: source.toUpperCase() });
	const test = ['x', 'y'.repeat(40)].map(pair);
	const set = { subject: 's', sourceName: 'S', targetName: 'T', train: [pair('z')], test };
	// `S: x\nT:` has 7 tokens, the example `S: z\nT: Z\n\n` 11.
	const { model } = fakeModel({ reply: () => 't' }, 256 + 1 + 11 + 7);
	expect(cuts(await measureTranslation(model, characters, set, draws, silent))).toEqual([
		null,
		'item',
	]);
});

test('questions', async () => {
	const question = (text: string): ExamQuestion => ({
		...{ subject: 's', level: '', grade: '', question: text, options: 'A. x\nB. y' },
		...{ letters: ['A', 'B'], key: 'A' },
	});
	const set = { subject: 's', questions: ['one', 'two'].map(question), shots: [question('six')] };
	const length = 2 + (await prompt()).length;
	async function prompt() {
		const { model } = fakeModel({ score: () => -1 });
		const { predictions } = await measureExam(
			model,
			characters,
			set,
			{ ...draws, shots: 0 },
			silent,
		);
		return predictions[0]!.prompt;
	}
	const at = async (context: number) => {
		const { model } = fakeModel({ score: () => -1 }, context);
		return measureExam(model, characters, set, draws, silent);
	};
	// One token begins, two are the letter's.
	expect(cuts(await at(length + 1))).toEqual(['examples', 'examples']);
	expect(cuts(await at(length))).toEqual(['item', 'item']);
	expect(counts(await at(length))).toEqual([2, 2]);
});

test('moods: the texts of the examples, then the text itself', async () => {
	const example = (label: string) => ({ text: label.repeat(20), label });
	const train = ['a', 'b'].map(example);
	const set = {
		language: 'j',
		train,
		test: [
			{ text: 'x', label: 'a' },
			{ text: 'y'.repeat(60), label: 'b' },
		],
	};
	const { model } = fakeModel({ score: () => -1 }, 100);
	const measured = await measureSentiment(model, characters, set, draws, silent);
	expect(cuts(measured)).toEqual(['examples', 'item']);
	expect(counts(measured)).toEqual([2, 1]);
});

test('prompts that are given whole are the item', async () => {
	const { model } = fakeModel({ reply: () => 'x', score: () => -1 }, 12);
	const about = { name: 'n', subject: 's' };
	const items = ['one', 'a long prompt'].map((prompt) => ({ prompt, answer: 'x' }));
	const generation = { kind: 'generation', ...about, items } as const;
	const [said] = await measureGeneration(model, characters, [generation], silent);
	expect(cuts(said!)).toEqual([null, 'item']);
	const choices = items.map((item) => ({ ...item, options: ['x', 'y'] }));
	const choice = { kind: 'choice', ...about, items: choices } as const;
	const chosen = await measureChoice(model, characters, choice, silent);
	expect(cuts(chosen)).toEqual([null, 'item']);
	expect(counts(chosen)).toEqual([1, 1]);
});
