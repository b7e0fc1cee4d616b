import { expect, test } from 'vitest';
import type { WordSet } from '../../contract/evaluation.ts';
import { characters, fakeModel } from '../testing.ts';
import { measureLens } from './lens.ts';
import { wordPrompts } from './words.ts';

const promptsOf = (...given: Parameters<typeof wordPrompts>) =>
	wordPrompts(...given).map(({ prompt }) => prompt);

/** `moon` begins like its English word. */
const words = {
	sun: ['sol', 'xa'],
	moon: ['luna', 'mb'],
	tree: ['arbor', 'yd'],
	sea: ['mar', 'ze'],
	fire: ['ignis', 'qa'],
};
const set: WordSet = {
	...{ subject: 'A to B', sourceName: 'A', targetName: 'B', sourceCode: 'a', targetCode: 'b' },
	pairs: Object.entries(words).map(([english, [source = '', target = '']]) => ({
		english,
		source: [source],
		target: [target],
	})),
};
const tokenizer = {
	...characters,
	idOf: (token: string) => (/^[a-z▁]$/.test(token) ? token.charCodeAt(0) : null),
};
const code = (letter: string) => letter.charCodeAt(0);

test('asks for the first tokens of target, English and source of words that can be told apart', async () => {
	const seen: Parameters<typeof lensViews>[0][number][] = [];
	const lensViews: ReturnType<typeof fakeModel>['model']['lensViews'] = (items, onDone) => {
		seen.push(...items);
		onDone(items.length);
		return Promise.resolve(
			items.map((_, index) => [
				{ probabilities: [0.1 * index, 0.5, 0], entropy: 3 },
				{ probabilities: [1, 0, 0], entropy: index },
			]),
		);
	};
	const model = { ...fakeModel({}).model, lensViews };
	const chart = await measureLens(model, tokenizer, set, { seed: 5 }, () => undefined);
	const prompts = promptsOf(set, 5).filter((_, index) => index !== 1);
	expect(seen.map(({ ids }) => characters.decode(ids))).toEqual(prompts);
	expect(seen[0]!.sets.map((ids) => [...ids])).toEqual([[code('x')], [code('s')], [code('s')]]);
	expect(chart).toMatchObject({ subject: 'A to B', count: 4 });
	expect(chart.languages.map((one) => one.code)).toEqual(['b', 'en', 'a']);
	const [target, english] = chart.languages;
	expect(target!.mean[0]).toBeCloseTo(0.15, 12);
	expect(target!.sd[0]).toBeCloseTo(Math.sqrt(0.05 / 3), 12);
	expect(english).toMatchObject({ mean: [0.5, 0], sd: [0, 0] });
	expect(chart.entropy.mean).toEqual([3, 1.5]);
});

test('refuses words of which none can be told from English', async () => {
	const { model } = fakeModel({});
	const alike = { ...set, pairs: set.pairs.map((pair) => ({ ...pair, target: [pair.english!] })) };
	await expect(
		measureLens(model, tokenizer, alike, { seed: 5 }, () => undefined),
	).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(/^lens, A to B: /) as string,
	});
});

test('prompts that do not fit the context are counted', async () => {
	const run = (contextLength: number) => {
		const lensViews: ReturnType<typeof fakeModel>['model']['lensViews'] = (items) =>
			Promise.resolve(items.map(() => [{ probabilities: [0, 0, 0], entropy: 1 }]));
		const model = { ...fakeModel({}, contextLength).model, lensViews };
		return measureLens(model, tokenizer, set, { seed: 5 }, () => undefined);
	};
	expect((await run(1000)).shortened).toBeUndefined();
	expect((await run(20)).shortened).toBe((await run(20)).count);
});
