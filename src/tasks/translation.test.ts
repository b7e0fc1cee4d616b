import { expect, test } from 'vitest';
import { chrf } from './metrics/chrf.ts';
import { characters, fakeModel } from './testing.ts';
import { measureTranslation, translationPrompts } from './translation.ts';

const promptsOf = (...given: Parameters<typeof translationPrompts>) =>
	translationPrompts(...given).map(({ prompt }) => prompt);

const pair = (source: string, target: string) => ({ source, target });
const set = {
	subject: 'English to Javanese',
	sourceName: 'English',
	targetName: 'Javanese',
	train: [pair('one ', 'siji'), pair('two', ' loro'), pair('red', 'abang')],
	test: [pair('fire', 'geni'), pair('water', 'banyu'), pair('moon', 'wulan')],
};
const silent = () => undefined;

test('a run shows two pairs of the training set to all its sentences', () => {
	const blocks = [
		'English: one\nJavanese: siji\n\n',
		'English: two\nJavanese: loro\n\n',
		'English: red\nJavanese: abang\n\n',
	];
	const seen = new Set<string>();
	for (let seed = 0; seed < 40; seed++) {
		const prompts = promptsOf(set, seed);
		const endings = ['fire', 'water', 'moon'].map((word) => `English: ${word}\nJavanese:`);
		const shots = prompts.map((prompt, index) => prompt.slice(0, -endings[index]!.length));
		expect(prompts).toEqual(endings.map((ending) => shots[0]! + ending));
		const shown = blocks.filter((block) => shots[0]!.includes(block));
		expect(shown).toHaveLength(2);
		expect(shots[0]!.length).toBe(shown.join('').length);
		seen.add(shots[0]!);
	}
	// Three choices in two orders.
	expect(seen.size).toBe(6);
});

test('keeps the translation up to the newline with its prompt; scores worked out by hand', async () => {
	const replies: Record<string, string> = {
		fire: ' geni\n\nEnglish: more',
		water: ' bunyi\n',
		moon: '',
	};
	const { model, prompts } = fakeModel({
		reply: (prompt) => replies[/(\w+)\nJavanese:$/.exec(prompt)![1]!]!,
	});
	const { rows, predictions } = await measureTranslation(
		model,
		characters,
		set,
		{ runs: 2, seed: 4 },
		silent,
	);
	const row = { task: 'translation', subject: 'English to Javanese', runs: 2, count: 3 };
	const [given, expected] = [
		['geni', 'bunyi', ''],
		['geni', 'banyu', 'wulan'],
	];
	const signature = (order: string, rest: string) =>
		`nrefs:1|case:mixed|eff:${order}|${rest}|version:2.6.0`;
	expect(rows).toEqual([
		{
			...{ ...row, metric: 'chrf++', sd: 0, shortened: 0 },
			mean: chrf('chrf++', given, expected).corpus,
			signature: signature('yes', 'nc:6|nw:2|space:no'),
		},
		// No four words in a row.
		{
			...{ ...row, metric: 'bleu', mean: 0, sd: 0, shortened: 0 },
			signature: signature('no', 'tok:13a|smooth:exp'),
		},
		{ ...row, metric: 'exact-match', mean: 1 / 3, sd: 0, shortened: 0 },
		// "bny" is common to "bunyi" and "banyu": 2 * 3 / (5 + 5).
		{ ...row, metric: 'token-f1', mean: (1 + 3 / 5 + 0) / 3, sd: 0, shortened: 0 },
	]);
	const texts = [...promptsOf(set, 4), ...promptsOf(set, 5)];
	expect(prompts.map((ids) => characters.decode(ids))).toEqual(texts);
	expect(predictions).toEqual(
		texts.map((prompt, index) => ({
			prompt,
			expected: ['geni', 'banyu', 'wulan'][index % 3],
			given: ['geni', 'bunyi', ''][index % 3],
			right: index % 3 === 0,
			run: index < 3 ? 0 : 1,
		})),
	);
});

test('of a prompt that is too long the end is asked, and that is the prompt that is kept', async () => {
	const { model, prompts } = fakeModel({ reply: () => 'x\n' }, 256 + 20);
	const { rows, predictions } = await measureTranslation(
		model,
		characters,
		set,
		{ runs: 1, seed: 4 },
		silent,
	);
	expect(rows[0]).toMatchObject({ shortened: 3 });
	expect(predictions[0]!.prompt).toBe(promptsOf(set, 4)[0]!.slice(-19));
	expect(prompts[0]).toEqual([1, ...characters.encode(predictions[0]!.prompt, { special: false })]);
});

test('refuses sets with nothing to show or to translate', async () => {
	const { model } = fakeModel({});
	for (const change of [{ train: set.train.slice(0, 1) }, { test: [] }])
		await expect(
			measureTranslation(model, characters, { ...set, ...change }, { runs: 1, seed: 0 }, silent),
		).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(/^translation, English to Javanese: /) as string,
		});
});
