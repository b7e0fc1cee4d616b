/** No item is shown with its answer, whatever the seed; the others are shown as ever. */
import { describe, expect, test } from 'vitest';
import type { ExamQuestion, SentimentExample } from '../contract/evaluation.ts';
import { checkExam, examPrompts, measureExam } from './exam.ts';
import { checkSentiment, drawShots, measureSentiment, shotsBefore } from './sentiment.ts';
import { characters, fakeModel } from './testing.ts';
import { checkTranslation, measureTranslation, translationPrompts } from './translation.ts';
import { checkWords, measureWords, wordPrompts } from './words/words.ts';

const seeds = Array.from({ length: 60 }, (_, seed) => seed);
const silent = () => undefined;
const before = ({ prompt, item }: { prompt: string; item: string }) =>
	prompt.slice(0, -item.length);

describe('words', () => {
	const rows = ['kucing cat', 'asu dog', 'asu dog', 'iwak fish', 'omah house', 'banyu water'];
	const set = {
		...{ subject: 'a to b', sourceName: 'a', targetName: 'b', sourceCode: 'a', targetCode: 'b' },
		pairs: rows.map((row) => {
			const [source = '', target = ''] = row.split(' ');
			return { english: null, source: [source], target: [target] };
		}),
	};

	test('that come twice are not shown with their translation', () => {
		for (const seed of seeds)
			for (const [index, one] of wordPrompts(set, seed).entries()) {
				const shots = before(one);
				expect(shots).not.toContain(`"${set.pairs[index]!.source[0]}"`);
				expect(shots.match(/\n/g)).toHaveLength(4);
			}
	});

	test('of which too few others are left are refused by the number of the first', () => {
		expect(() => {
			checkWords(set, { shots: 5 });
		}).toThrow(/^words, a to b: item 2 has 4 examples other than itself, and 5 are/);
		checkWords(set, { shots: 4 });
	});

	test('are counted in the row', async () => {
		const { model } = fakeModel({ reply: () => 'x"' });
		const draws = { runs: 1, seed: 1 };
		const { rows } = await measureWords(model, characters, set, draws, silent);
		const overlap = { items: 6, repeated: 1, shown: 0, trained: null };
		expect(rows[0]).toMatchObject({ metric: 'exact-match', overlap });
	});
});

describe('sentences', () => {
	const pairs = [
		['I eat', 'Aku mangan'],
		['You sleep', 'Kowe turu'],
		['We go', 'Aku kabeh lunga'],
	].map(([source = '', target = '']) => ({ source, target }));
	const set = { subject: 'a to b', sourceName: 'a', targetName: 'b', train: pairs, test: pairs };

	test('of the test that are examples, too, give way to the next ones', async () => {
		for (const seed of seeds) {
			const prompts = translationPrompts(set, seed);
			for (const [index, one] of prompts.entries()) {
				expect(before(one)).not.toContain(pairs[index]!.source);
				expect(before(one)).not.toContain(pairs[index]!.target);
				expect(before(one).match(/\n\n/g)).toHaveLength(2);
			}
		}
		const { model } = fakeModel({ reply: () => 'x' });
		const draws = { runs: 1, seed: 1 };
		const { rows } = await measureTranslation(model, characters, set, draws, silent);
		const overlap = { items: 3, repeated: 0, shown: 3, trained: null };
		expect(rows.map((row) => row.overlap)).toEqual(Array(4).fill(overlap));
	});

	test('that are no examples are shown what they were', () => {
		const others = { ...set, test: [...pairs, { source: 'New', target: 'Anyar' }] };
		for (const seed of seeds) {
			const alone = translationPrompts({ ...others, test: others.test.slice(3) }, seed);
			expect(translationPrompts(others, seed)[3]).toEqual(alone[0]);
		}
	});

	test('with too few other examples are refused', () => {
		expect(() => {
			checkTranslation(set, { shots: 3 });
		}).toThrow(/item 1 has 2 examples other than itself, and 3 are to be shown/);
	});
});

describe('sentiment', () => {
	const example = (text: string): SentimentExample => ({ text, label: text.charAt(0) });
	const train = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c2'].map(example);
	const labels = ['a', 'b', 'c'];

	test('a text among the examples gives way to another of its class, in its place', () => {
		for (const seed of seeds) {
			const shots = shotsBefore(train, labels, seed, 1);
			const usual = drawShots(train, labels, seed);
			expect(shots('z')).toEqual(usual);
			for (const { text } of train) {
				const shown = shots(` ${text.toUpperCase()}\n`);
				expect(shown.map((shot) => shot.text)).not.toContain(text);
				expect(shown.map(({ label }) => label)).toEqual(usual.map(({ label }) => label));
				if (!usual.some((shot) => shot.text === text)) expect(shown).toEqual(usual);
				expect(shots(text)).toEqual(shown);
			}
		}
	});

	test('several of a class are replaced by as many others', () => {
		const twice = [...train, example('a1'), { text: 'A1', label: 'b' }];
		for (const seed of seeds) {
			const shown = shotsBefore(twice, labels, seed, 2)('a1');
			expect(shown.filter(({ text }) => text.toLowerCase() === 'a1')).toEqual([]);
			expect(
				shown
					.map(({ label }) => label)
					.sort()
					.join(''),
			).toBe('aabbcc');
		}
	});

	test('without another example of a class it is refused, and it is counted', async () => {
		const set = { language: 'j', train, test: [example('a1'), example('a1'), example('c9')] };
		const draws = { runs: 1, seed: 1 };
		expect(() => {
			checkSentiment(set, { ...draws, shots: 2 });
		}).not.toThrow();
		const few = { ...set, train: train.filter(({ text }) => !/[a][23]/.test(text)) };
		expect(() => {
			checkSentiment(few, draws);
		}).toThrow(/^Sentiment, j, label "a": item 1 has 0 examples other than itself, and 1 are/);
		const { model } = fakeModel({ score: () => -1 });
		const { rows } = await measureSentiment(model, characters, set, draws, silent);
		expect(rows[0]!.overlap).toEqual({ items: 3, repeated: 1, shown: 2, trained: null });
	});
});

describe('questions', () => {
	const question = (text: string, options = 'A. x\nB. y'): ExamQuestion => ({
		...{ subject: 's', level: '', grade: '', question: text, options },
		...{ letters: ['A', 'B'], key: 'A' },
	});
	const questions = ['one?', 'two?', 'three?', 'four?'].map((text) => question(text));
	/** The same once more, its options turned round. */
	const doubled = [...questions, question(' One?', 'A. y\nB. x')];

	test('that come twice are not shown with their answer, drawn from themselves or from a set', () => {
		for (const shots of [null, doubled])
			for (const seed of seeds)
				for (const [index, one] of examPrompts(
					{ subject: 's', questions: doubled, shots },
					seed,
				).entries()) {
					const own = doubled[index]!.question.trim().toLowerCase();
					expect(before(one).toLowerCase()).not.toContain(own);
					expect(before(one).match(/Jawaban: A\n\n/g)).toHaveLength(2);
				}
	});

	test('with too few others are refused, and they are counted', async () => {
		const set = { subject: 's', questions: doubled, shots: questions };
		expect(() => {
			checkExam({ ...set, shots: null }, { shots: 4 });
		}).toThrow(/^exam, s: item 1 has 3 examples other than itself, and 4 are/);
		const { model } = fakeModel({ score: () => -1 });
		const draws = { runs: 1, seed: 1 };
		const { rows } = await measureExam(model, characters, set, draws, silent);
		expect(rows[0]!.overlap).toEqual({ items: 5, repeated: 1, shown: 5, trained: null });
	});
});
