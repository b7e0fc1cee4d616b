import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tokenizeTexts } from './tokenizeTexts.ts';

const fixture = new URL('../data/tokenizer/fixtures/llama3.json', import.meta.url);
const { tokenizer } = JSON.parse(readFileSync(fixture, 'utf8')) as { tokenizer: object };
const file = (name: string, content: string) => new File([content], name);
const json = file('tokenizer.json', JSON.stringify(tokenizer));

test('ids, pieces and counts of texts', async () => {
	const [empty, text] = await tokenizeTexts(json, null, ['', 'Aku 😀']);
	expect(empty).toEqual({
		text: '',
		ids: [1],
		pieces: ['<s>'],
		tokens: 0,
		words: 0,
		characters: 0,
	});
	expect(text).toMatchObject({ tokens: 6, words: 2, characters: 5 });
	expect(text!.pieces).toEqual(['<s>', 'Aku', 'Ġ', 'ð', 'Ł', 'ĺ', 'Ģ']);
});

test('a file that is no JSON is named', async () => {
	await expect(tokenizeTexts(file('tokenizer.json', '{'), null, [])).rejects.toThrow(
		/^tokenizer\.json is not JSON/,
	);
	await expect(tokenizeTexts(json, file('tokenizer_config.json', ''), [])).rejects.toThrow(
		/^tokenizer_config\.json is not JSON/,
	);
});
