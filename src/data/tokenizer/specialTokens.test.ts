import { describe, expect, test } from 'vitest';
import { createTokenizer, fitTokenizer } from '../tokenizer.ts';

describe('begin and end tokens', () => {
	const token = (content: string, id: number) => ({
		id,
		content,
		special: true,
		normalized: false,
	});
	const file = (post_processor: object | null, added = [token('<s>', 1), token('</s>', 2)]) => ({
		added_tokens: added,
		model: { type: 'WordLevel', vocab: { u: 0, '<s>': 1, '</s>': 2, a: 3 }, unk_token: 'u' },
		pre_tokenizer: { type: 'Whitespace' },
		post_processor,
	});
	const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
	const template = {
		type: 'TemplateProcessing',
		single: [special('<s>'), { Sequence: { id: 'A', type_id: 0 } }, special('</s>')],
		special_tokens: {
			'<s>': { id: '<s>', ids: [1], tokens: ['<s>'] },
			'</s>': { id: '</s>', ids: [2], tokens: ['</s>'] },
		},
	};
	const names = { bos_token: '<s>', eos_token: { content: '</s>' } };

	test('the begin token is there once, whoever writes it, and no end token', () => {
		const tokenizer = createTokenizer(file(template), names);
		expect(tokenizer.encode('a', { special: true })).toEqual([1, 3]);
		expect(tokenizer.encode('<s> a', { special: true })).toEqual([1, 3]);
		expect(tokenizer.encode('<s><s>a', { special: true })).toEqual([1, 1, 3]);
		expect(tokenizer.encode('', { special: true })).toEqual([1]);
		expect(tokenizer.encode('a', { special: false })).toEqual([3]);
		expect(tokenizer.encodeEnclosed('a')).toEqual([1, 3, 2]);
	});

	// As transformers 5.24: `AutoTokenizer.from_pretrained(folder)('a').input_ids`.
	test.each<[object | null, object, number[]]>([
		[null, { add_bos_token: true, add_eos_token: true }, [3]],
		[template, { add_bos_token: false, add_eos_token: false }, [1, 3, 2]],
	])('%#: the post-processor goes before the configuration', (post, config, ids) => {
		expect(createTokenizer(file(post), { ...names, ...config }).encodeEnclosed('a')).toEqual(ids);
	});

	test('special tokens that only the configuration names are found in texts', () => {
		const tokenizer = createTokenizer(file(null, []), { ...names, pad_token: '[PAD]' });
		expect(tokenizer.encode('a</s>[PAD]', { special: false })).toEqual([3, 2, 4]);
		expect(tokenizer.decode([3, 2, 4, 3, 99])).toBe('a a');
	});

	test('a text that holds its special tokens, as chat templates write them, is taken as it is', () => {
		const tokenizer = createTokenizer(file(template), names);
		expect(tokenizer.encode('<s>a a</s>a', { special: false })).toEqual([1, 3, 3, 2, 3]);
	});

	test('a token behind the vocabulary is refused where it occurs, or at once where it must', () => {
		const tokenizer = createTokenizer(file(null), { ...names, pad_token: '[PAD]' });
		expect(tokenizer.vocabularySize).toBe(5);
		const fitted = fitTokenizer(tokenizer, 4);
		expect(fitted.encode('a', { special: true })).toEqual([3]);
		const message = /token 4 \("\[PAD\]"\) of "a \[PAD\]", and the model's vocabulary ends at 3/;
		expect(() => fitted.encode('a [PAD]', { special: true })).toThrow(message);
		expect(() => fitted.encode('a [PAD]', { special: false })).toThrow(message);
		const begins = {
			...template,
			special_tokens: {
				...template.special_tokens,
				'<s>': { id: '<s>', ids: [4], tokens: ['[PAD]'] },
			},
		};
		const outside = createTokenizer(file(begins), { ...names, pad_token: '[PAD]' });
		expect(() => fitTokenizer(outside, 4)).toThrow(/token 4/);
	});

	test('a text without tokens is an error, not a hole', () => {
		const model = {
			type: 'WordPiece',
			vocab: { a: 0, '##b': 1 },
			unk_token: '[UNK]',
			continuing_subword_prefix: '##',
			max_input_chars_per_word: 100,
		};
		const tokenizer = createTokenizer({ model }, {});
		expect(tokenizer).toMatchObject({ vocabularySize: 2, bosTokenId: null, eosTokenId: null });
		expect(tokenizer.encode('ab', { special: true })).toEqual([0, 1]);
		expect(tokenizer.decode([])).toBe('');
		expect(() => tokenizer.encode('c', { special: true })).toThrow(/no token for part of "c"/);
	});
});
