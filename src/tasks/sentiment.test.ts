import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer, type TextTokenizer } from '../data/tokenizer.ts';
import type { LanguageModel, ScoredPrompt } from './languageModel.ts';
import { drawShots, measureSentiment } from './sentiment.ts';
import { createPromptFitter } from './sentimentPrompt.ts';

/** Characters as tokens, 1 in front. */
const characters: TextTokenizer = {
	vocabularySize: 70000,
	bosTokenId: 1,
	eosTokenId: 2,
	idOf: () => null,
	encode: (text, { special }) => [
		...(special ? [1] : []),
		...Array.from(text, (character) => character.charCodeAt(0)),
	],
	encodeTemplated: (text) => Array.from(text, (character) => character.charCodeAt(0)),
	decode: (ids) => String.fromCharCode(...ids.filter((id) => id > 2)),
};

/** Scores by `score(prompt text, option text)`. */
function modelOf(score: (prompt: string, option: string) => number, contextLength = 1000) {
	const seen: ScoredPrompt[][] = [];
	const model: LanguageModel = {
		contextLength,
		scoreContinuations(items, onDone) {
			seen.push([...items]);
			onDone(items.length);
			return Promise.resolve(
				items.map(({ prompt, options }) =>
					options.map((option) => score(characters.decode(prompt), characters.decode(option))),
				),
			);
		},
		sequenceLosses: () => Promise.reject(new Error('not used')),
		generateGreedily: () => Promise.reject(new Error('not used')),
		lensViews: () => Promise.reject(new Error('not used')),
	};
	return { model, seen };
}

const train = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4', 'c1', 'c2'].map((text) => ({
	text,
	label: text.charAt(0),
}));
const set = {
	language: 'javanese',
	train,
	test: [
		{ text: 'x', label: 'a' },
		{ text: 'y', label: 'b' },
		{ text: 'z', label: 'b' },
		{ text: 'w', label: 'c' },
	],
};
const ignore = () => undefined;

describe('drawShots', () => {
	test('draws one example per class, the same for a seed, in changing order', () => {
		const draws = Array.from({ length: 40 }, (_, seed) => drawShots(train, ['a', 'b', 'c'], seed));
		for (const [seed, shots] of draws.entries()) {
			expect(shots.map(({ label }) => label).sort()).toEqual(['a', 'b', 'c']);
			expect(drawShots(train, ['a', 'b', 'c'], seed)).toEqual(shots);
		}
		const orders = new Set(draws.map((shots) => shots.map(({ label }) => label).join('')));
		const texts = new Set(draws.flatMap((shots) => shots.map(({ text }) => text)));
		expect(orders.size).toBe(6);
		expect(texts.size).toBe(train.length);
	});

	test('names the class without examples', () => {
		expect(() => drawShots(train, ['a', 'd'], 0)).toThrow(/no training example has label "d"/);
	});
});

describe('measureSentiment', () => {
	test('takes the likeliest label; F1 worked out by hand, same in every run', async () => {
		// Predicts a for x, b for y, a for z, b for w.
		const answers = new Map(Object.entries({ x: 'a', y: 'b', z: 'a', w: 'b' }));
		const { model, seen } = modelOf((prompt, option) => {
			const query = /Text: (.)\nSentiment:$/.exec(prompt)?.[1] ?? '';
			return option === ` ${answers.get(query) ?? ''}` ? -1 : -2;
		});
		const progress: number[][] = [];
		const { rows, predictions } = await measureSentiment(
			model,
			characters,
			set,
			{ runs: 3, seed: 5 },
			(...numbers) => progress.push(numbers),
		);
		const row = rows[0]!;
		// a: TP 1, FP 1 -> 2/3; b: TP 1, FP 1, FN 1 -> 1/2; c: 0.
		expect(row.mean).toBeCloseTo((2 / 3 + 1 / 2) / 3, 12);
		expect(row.sd).toBeCloseTo(0, 12);
		expect(row).toMatchObject({
			task: 'sentiment',
			subject: 'javanese',
			metric: 'macro-f1',
			runs: 3,
			count: 4,
			shortened: 0,
		});
		expect(progress).toEqual([
			[4, 12],
			[8, 12],
			[12, 12],
		]);
		const shots = drawShots(train, ['a', 'b', 'c'], 6);
		const expected = shots
			.map(({ text, label }) => `Text: ${text}\nSentiment: ${label}\n\n`)
			.join('');
		expect(characters.decode(seen[1]![0]!.prompt)).toBe(`${expected}Text: x\nSentiment:`);
		expect(predictions[4]).toEqual({
			...{ prompt: `${expected}Text: x\nSentiment:`, expected: 'a', given: 'a' },
			...{ right: true, run: 1 },
		});
		expect(predictions.map(({ given }) => given).join('')).toBe('abab'.repeat(3));
		expect(seen[1]![0]!.prompt[0]).toBe(1);
		expect(seen[1]![0]!.options.map((option) => characters.decode(option))).toEqual([
			' a',
			' b',
			' c',
		]);
	});

	test('counts the prompts of all runs that had to be shortened', async () => {
		const long = { ...set, test: [...set.test, { text: 'y'.repeat(60), label: 'b' }] };
		const { model, seen } = modelOf(() => 0, 130);
		const runs = { runs: 2, seed: 0 };
		const { rows, predictions } = await measureSentiment(model, characters, long, runs, ignore);
		expect(rows[0]!.shortened).toBe(2);
		expect(predictions.map(({ prompt }) => prompt)).toEqual(
			seen.flat().map(({ prompt }) => characters.decode(prompt)),
		);
		for (const { prompt, options } of seen.flat()) {
			for (const option of options) expect(prompt.length + option.length).toBeLessThanOrEqual(130);
		}
	});

	test('refuses empty sets', async () => {
		const { model } = modelOf(() => 0);
		const runs = { runs: 1, seed: 0 };
		const empty = { ...set, test: [] };
		await expect(measureSentiment(model, characters, empty, runs, ignore)).rejects.toThrow(
			/javanese: the test set is empty/,
		);
	});
});

describe('createPromptFitter', () => {
	const shots = [
		{ text: 'p'.repeat(30), label: 'good' },
		{ text: 'qq', label: 'bad' },
	];
	const fit = (context: number) =>
		createPromptFitter(characters, ['good', 'bad'], context)(shots, 'hello');
	const textOf = (context: number) => {
		const { item } = fit(context);
		return characters.decode(item.prompt);
	};
	// 1 + shots (6 + 30 + 12 + 4 + 2 = 54, 6 + 2 + 12 + 3 + 2 = 25) + query (6 + 5 + 11 = 22) + " good".
	const whole = 1 + 54 + 25 + 22 + 5;

	test('leaves alone what fits exactly', () => {
		expect(fit(whole).shortened).toBe(false);
		expect(fit(whole - 1).shortened).toBe(true);
	});

	test('cuts the shots to one length first', () => {
		expect(textOf(whole - 10)).toContain(`Text: ${'p'.repeat(20)}\n`);
		expect(textOf(whole - 10)).toContain('Text: qq\n');
		expect(textOf(whole - 30)).toContain('Text: p\n');
		expect(textOf(whole - 30)).toContain('Text: q\n');
		expect(textOf(whole - 30)).toContain('Text: hello\n');
	});

	test('then the query, and says where nothing fits', () => {
		expect(textOf(whole - 34)).toMatch(
			/^Text: \nSentiment: good\n\nText: \n.*Text: hel\nSentiment:$/s,
		);
		expect(() => fit(whole - 38)).toThrow(
			new RegExp(
				`needs ${whole - 37} tokens without any text, the model's context is ${whole - 38}`,
			),
		);
	});
});

test('a token across the border of prompt and label is scored', () => {
	// ":" and " g" merge into one token (500), other labels leave the colon alone.
	const merging: TextTokenizer = {
		...characters,
		encode: (text, options) => characters.encode(text.replace(/: g/g, '\u01F4'), options),
	};
	const { item } = createPromptFitter(merging, ['good', 'bad'], 1000)([], 'x');
	expect(characters.decode(item.prompt)).toBe('Text: x\nSentiment');
	expect(item.options.map((option) => characters.decode(option))).toEqual(['\u01F4ood', ': bad']);
});

const folder = '../shared/data/tokenizers/llama2';
test.skipIf(!existsSync(folder))(
	'labels are single tokens after the colon in Llama 2',
	{ timeout: 30_000 },
	() => {
		const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as unknown;
		const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
		const labels = ['negative', 'neutral', 'positive'];
		const { item } = createPromptFitter(tokenizer, labels, 4096)([], 'Roti enak');
		expect(item.options).toEqual([[8178], [21104], [6374]]);
		expect(tokenizer.decode(item.prompt)).toBe('Text: Roti enak\nSentiment:');
	},
);
