/** The sentences on end tokens that differ, and files whose tokens cannot be read. */
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { resolveEndTokens } from './endTokens.ts';
import { tinyLlama, tinyTokenizer } from './testing.ts';
import type { TextFiles } from './textFiles.ts';

const resolve = (stated: object, files: Partial<TextFiles>) => {
	const json = { ...tinyLlama, ...stated };
	const text = { tokenizerJson: tinyTokenizer, tokenizerConfig: {}, generationConfig: null };
	return resolveEndTokens(parseConfig(json, 'config.json'), json, {
		...{ ...text, chatTemplate: null, notes: [], ...files },
	});
};

test('every file that names another end token is told, with what counts', () => {
	const { ids, notes } = resolve(
		{ eos_token_id: [3, 6], bos_token_id: 0 },
		{
			generationConfig: { eos_token_id: [6, 5, 7] },
			tokenizerConfig: { bos_token: '<s>', eos_token: '</s>' },
		},
	);
	expect(ids).toEqual([3, 6, 5, 7, 2]);
	expect(notes).toEqual([
		'End tokens: config.json names 3, 6, generation_config.json 5, 7; a text ends at any of them.',
		"End tokens: config.json names 3, 6, tokenizer_config.json 2; a text ends at any of them. Rows of data end with the tokenizer's.",
		'Begin token: config.json names 0, tokenizer_config.json 1; what the tokenizer writes counts.',
	]);
});

test('what is beyond the vocabulary, or in no vocabulary, is told', () => {
	const { ids, notes } = resolve(
		{ eos_token_id: [0, 8, -1] },
		{ tokenizerConfig: { bos_token: '<gone>' } },
	);
	expect(ids).toEqual([0]);
	expect(notes).toEqual([
		'tokenizer_config.json names "<gone>" as "bos_token", which tokenizer.json does not have; it is not used.',
		'The end token 8 is outside the vocabulary of 8 and never occurs.',
		'The end token -1 is outside the vocabulary of 8 and never occurs.',
	]);
});

test.each<[string, object, Partial<TextFiles>]>([
	[
		'where all agree',
		{ eos_token_id: 2, bos_token_id: 1 },
		{ generationConfig: { eos_token_id: 2 } },
	],
	['where only config.json names one', { eos_token_id: [2, 5] }, {}],
	['where config.json names none', {}, { generationConfig: { eos_token_id: 2 } }],
	['where only the tokenizer begins', { eos_token_id: 2 }, { tokenizerConfig: { bos_token: 'a' } }],
	['where only config.json begins', { eos_token_id: 2, bos_token_id: 3 }, {}],
	[
		'without a tokenizer',
		{ eos_token_id: 2 },
		{ tokenizerJson: null, tokenizerConfig: { eos_token: '<gone>' } },
	],
])('nothing is told %s', (_, stated, files) => {
	expect(resolve(stated, files).notes).toEqual([]);
});

test.each<[string, Partial<TextFiles>]>([
	['a text for a file', { generationConfig: 'none', tokenizerConfig: 'none' }],
	['null for a file', { tokenizerConfig: null }],
	['tokens of another kind', { generationConfig: { eos_token_id: '5' } }],
	['a list with another kind', { generationConfig: { eos_token_id: [5, '6'] } }],
	['half a token', { generationConfig: { eos_token_id: 4.5 } }],
	['a number for a token', { tokenizerConfig: { eos_token: 5 } }],
	['a token without content', { tokenizerConfig: { eos_token: { id: 5 } } }],
	['null for a token', { tokenizerConfig: { eos_token: null } }],
	[
		'a token that is inherited',
		{ tokenizerConfig: Object.create({ eos_token: '<end>' }) as object },
	],
])('%s names no end token', (_, files) => {
	expect(resolve({ eos_token_id: 3 }, files)).toEqual({ ids: [3], notes: [] });
});

const named = (tokenizerJson: unknown, eos_token = '<end>') =>
	resolve({}, { tokenizerJson, tokenizerConfig: { eos_token } }).ids;
/** Of llama, where nothing else is known. */
const family = [2];

test.each<[string, unknown, number[]]>([
	[
		'the added token',
		{
			added_tokens: [
				{ id: 3, content: 'a' },
				{ id: 4, content: '<end>' },
			],
		},
		[4],
	],
	[
		'the added token before the vocabulary',
		{ added_tokens: [{ id: 4, content: '<end>' }], model: { vocab: { '<end>': 5 } } },
		[4],
	],
	[
		'the vocabulary where added tokens are malformed',
		{ added_tokens: [null, { content: '<end>' }], model: { vocab: { '<end>': 5 } } },
		[5],
	],
	['the vocabulary beside no list', { added_tokens: {}, model: { vocab: { '<end>': 5 } } }, [5]],
	['its place in a list', { model: { vocab: [['a', 0], null, '<end>', ['<end>', -1]] } }, [3]],
	['its place in a list, the first', { model: { vocab: [['<end>', 0]] } }, [0]],
	['nothing of a list without it', { model: { vocab: [['a', 0]] } }, family],
	['nothing of a number that is none', { model: { vocab: { '<end>': 'x' } } }, family],
	['nothing of a text', { model: { vocab: '<end>' } }, family],
	['nothing of null', { model: { vocab: null } }, family],
	['nothing of another model', { model: 'x' }, family],
	['nothing of no object', 'x', family],
])('a token has the number of %s', (_, tokenizerJson, ids) => {
	expect(named(tokenizerJson)).toEqual(ids);
});

test('names that objects have something of are words like others', () => {
	expect(named({ model: { vocab: {} } }, 'toString')).toEqual(family);
	expect(named({ model: { vocab: { toString: 6 } } }, 'toString')).toEqual([6]);
});
