/** Ids, pieces and sizes of a tokenizer, and whether it is that of a model. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { createTokenizer, fitTokenizer } from './tokenizer.ts';

const added = (id: number, content: string, change = {}) => ({
	...{ id, content, special: false, normalized: false },
	...change,
});
const begin = {
	type: 'TemplateProcessing',
	single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
	special_tokens: { '<s>': { id: '<s>', ids: [10], tokens: ['<s>'] } },
};
/** Words are letters from a, which has 0, to h, which has 7. Behind them is what is added. */
const words = (tokens: readonly object[] = [], rest: object = {}) =>
	createTokenizer(
		{
			...{ added_tokens: tokens, pre_tokenizer: { type: 'Whitespace' }, ...rest },
			model: {
				type: 'WordLevel',
				vocab: { a: 0, b: 1, c: 2, d: 3, e: 4, f: 5, g: 6, h: 7 },
				unk_token: 'a',
			},
		},
		{},
	);
const special = [added(8, 'x'), added(9, 'y'), added(10, '<s>', { special: true })];

test('sizes are those of the largest id', () => {
	expect(words()).toMatchObject({ vocabularySize: 8, modelVocabularySize: 8 });
	expect(words(special)).toMatchObject({ vocabularySize: 11, modelVocabularySize: 8 });
});

test('an id has the piece of the vocabulary, or of the token that was added', () => {
	const upper = added(8, 'X', { normalized: true });
	const tokenizer = words([upper, added(9, 'Y')], { normalizer: { type: 'Lowercase' } });
	expect([0, 7, 8, 9, 10].map((id) => tokenizer.pieceOf(id))).toEqual([
		...['a', 'h', 'x', 'Y', null],
	]);
	expect(['b', 'X', 'z'].map((piece) => tokenizer.idOf(piece))).toEqual([1, 8, null]);
	expect(tokenizer.encode('B X', { special: false })).toEqual([1, 8]);
});

test('pieces are joined by spaces where nothing says how; special tokens and ids of none are left out', () => {
	expect(words(special).decode([1, 10, 2, 11, 99])).toBe('b c');
	expect(words([], { decoder: { type: 'Fuse' } }).decode([1, 2])).toBe('bc');
	expect(words().decode([])).toBe('');
});

describe('a tokenizer and a model', () => {
	const wrong = (size: number, model: number) =>
		namedError(
			'BadInput',
			`tokenizer.json has ${size} tokens, the model's vocabulary ${model}: it is the wrong tokenizer for this model; take tokenizer.json and weights from the same folder`,
		);

	test('go together where ids are padded a little', () => {
		const tokenizer = words(special);
		expect(fitTokenizer(tokenizer, 11)).toBe(tokenizer);
		expect(fitTokenizer(tokenizer, 12)).toBe(tokenizer);
		expect(fitTokenizer(words([added(8, 'x')]), 10).vocabularySize).toBe(9);
		expect(() => fitTokenizer(words(), 10)).toThrow(wrong(8, 10));
	});

	test('do not where the model has fewer than the vocabulary', () => {
		expect(fitTokenizer(words(), 8).vocabularySize).toBe(8);
		expect(() => fitTokenizer(words(), 7)).toThrow(wrong(8, 7));
		expect(() => fitTokenizer(words(special), 7)).toThrow(wrong(8, 7));
		expect(() => fitTokenizer(words(special), 13)).toThrow(wrong(11, 13));
	});

	const outside = (text: string, size: number, piece = '<s>') =>
		namedError(
			'BadInput',
			`tokenizer.json makes token 10 ("${piece}") of "${text}", and the model's vocabulary ends at ${size - 1}: take "${piece}" out of the text, or a model that has it`,
		);

	test('do not for texts with a token behind the vocabulary', () => {
		const fitted = fitTokenizer(words(special), 10);
		expect(fitted.encode('b h', { special: true })).toEqual([1, 7]);
		expect(fitted.encodeEnclosed('b h')).toEqual([1, 7]);
		expect(() => fitted.encode('b <s>', { special: false })).toThrow(outside('b <s>', 10));
		const long = `${'b '.repeat(30)}<s>`;
		expect(() => fitted.encodeEnclosed(long)).toThrow(outside('b '.repeat(20), 10));
	});

	test('do not for any text where one begins with such a token', () => {
		const tokenizer = words(special, { post_processor: begin });
		expect(tokenizer.encode('b', { special: true })).toEqual([10, 1]);
		expect(() => fitTokenizer(tokenizer, 10)).toThrow(outside('', 10));
	});
});
