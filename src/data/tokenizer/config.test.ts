/** What `tokenizer_config.json` adds to a tokenizer.json, and where the two must agree. */
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../tokenizer.ts';
import type { AddedToken } from './addedTokens.ts';
import { configTokens, readConfig } from './config.ts';

const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const token = (content: string, flags: Partial<AddedToken> = {}): AddedToken => ({
	...{ content, ...plain, special: true },
	...flags,
});
const added = (config: object, inFile: AddedToken[] = []) =>
	configTokens(readConfig(config), inFile);

describe('added tokens', () => {
	test('are those that the configuration names, special ones all', () => {
		const config = {
			mask_token: 'm',
			cls_token: 'c',
			pad_token: 'p',
			sep_token: 's',
			unk_token: 'u',
			eos_token: { content: 'e', special: false, lstrip: true },
			bos_token: { content: 'b', __type: 'AddedToken', normalized: true },
			additional_special_tokens: ['x', { content: 'y', rstrip: true, single_word: true }],
			extra_special_tokens: { image: 'i' },
			model_max_length: 512,
		};
		expect(added(config)).toEqual([
			token('b', { normalized: true }),
			token('e', { lstrip: true }),
			...['u', 's', 'p', 'c', 'm', 'x'].map((content) => token(content)),
			token('y', { rstrip: true, single_word: true }),
			token('i'),
		]);
		expect(added({ extra_special_tokens: ['i', 'j'] })).toEqual([token('i'), token('j')]);
		expect(added({ bos_token: null })).toEqual([]);
	});

	test('those of a list come first, by their ids; they are special where it says so', () => {
		const list = {
			10: { content: 'x', special: false },
			9: { content: 'y' },
			100: { content: 'z', special: true, rstrip: true },
		};
		expect(added({ added_tokens_decoder: list, pad_token: 'p' })).toEqual([
			token('y'),
			token('x', { special: false }),
			token('z', { rstrip: true }),
			token('p'),
		]);
	});

	test('what tokenizer.json or the list has is not added again by its name', () => {
		const list = { 5: { content: 'x', special: false } };
		const config = { added_tokens_decoder: list, pad_token: 'x', bos_token: 'b', eos_token: 'e' };
		expect(added(config, [token('b', { lstrip: true })])).toEqual([
			token('x', { special: false }),
			token('e'),
		]);
	});

	test.each<[keyof AddedToken]>([
		['single_word'],
		['lstrip'],
		['rstrip'],
		['normalized'],
		['special'],
	])('a token of the list that differs from that of tokenizer.json in "%s" is added', (flag) => {
		const list = { 0: { content: 'x', ...plain, special: true } };
		expect(added({ added_tokens_decoder: list }, [token('x')])).toEqual([]);
		const other = [token('y'), token('x', { [flag]: flag !== 'special' })];
		expect(added({ added_tokens_decoder: list }, other)).toEqual([token('x')]);
	});
});

const bert = (options: object) => ({
	...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: false },
	...{ strip_accents: null, lowercase: true, ...options },
});
const metaspace = (scheme: string) => ({
	...{ type: 'Metaspace', replacement: '▁', prepend_scheme: scheme },
});
const byteLevel = (add_prefix_space: boolean) => ({ type: 'ByteLevel', add_prefix_space });
const prepend = { type: 'Prepend', prepend: '▁' };
const model = { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' };

test.each<[object, object]>([
	[{ add_prefix_space: true }, { pre_tokenizer: byteLevel(true) }],
	[{ add_prefix_space: false }, { pre_tokenizer: byteLevel(false) }],
	[{ add_prefix_space: null }, { pre_tokenizer: byteLevel(true) }],
	[{ add_prefix_space: true }, { pre_tokenizer: { type: 'WhitespaceSplit' } }],
	[{ add_prefix_space: false }, { pre_tokenizer: metaspace('never') }],
	[
		{ add_prefix_space: false },
		{ pre_tokenizer: { ...metaspace('never'), add_prefix_space: true } },
	],
	[{ add_prefix_space: false }, { pre_tokenizer: { type: 'WhitespaceSplit' } }],
	[
		{ add_prefix_space: false },
		{ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }] } },
	],
	[{ add_prefix_space: true }, { pre_tokenizer: metaspace('first') }],
	[{ add_prefix_space: true }, { normalizer: prepend }],
	[{ do_lower_case: true, strip_accents: true }, { normalizer: bert({}) }],
	[{ do_lower_case: true }, { normalizer: { type: 'NFC' } }],
	[{ strip_accents: null, tokenize_chinese_chars: false }, { normalizer: bert({}) }],
	[{ split_special_tokens: false, fix_mistral_regex: false }, {}],
	[{ clean_up_tokenization_spaces: true, legacy: 'x' }, {}],
])('%j agrees with %j', (config, parts) => {
	expect(createTokenizer({ model, ...parts }, config).vocabularySize).toBe(1);
});

const prefixed =
	'"add_prefix_space" is false, and tokenizer.json puts ▁ in front; make them the same';

test.each<[unknown, object, string]>([
	[
		{ add_prefix_space: true },
		{ pre_tokenizer: byteLevel(false) },
		'"add_prefix_space" is true, and tokenizer.json has false; make them the same',
	],
	[
		{ do_lower_case: false },
		{ normalizer: bert({}) },
		'"do_lower_case" is false, and tokenizer.json has true; make them the same',
	],
	[
		{ strip_accents: true },
		{ normalizer: bert({ strip_accents: false }) },
		'"strip_accents" is true, and tokenizer.json has false; make them the same',
	],
	[
		{ tokenize_chinese_chars: true },
		{ normalizer: bert({}) },
		'"tokenize_chinese_chars" is true, and tokenizer.json has false; make them the same',
	],
	[{ add_prefix_space: false }, { pre_tokenizer: metaspace('always') }, prefixed],
	[{ add_prefix_space: false }, { pre_tokenizer: metaspace('first') }, prefixed],
	[{ add_prefix_space: false }, { normalizer: prepend }, prefixed],
	[
		{ add_prefix_space: false },
		{ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, prepend] } },
		prefixed,
	],
	[{ split_special_tokens: true }, {}, '"split_special_tokens": '],
	[{ fix_mistral_regex: true }, {}, '"fix_mistral_regex": '],
	[{ extra_special_tokens: 'x' }, {}, '"extra_special_tokens": '],
	[{ added_tokens_decoder: { 3: { content: 3 } } }, {}, '"added_tokens_decoder.3'],
	[null, {}, 'Invalid '],
	['text', {}, 'Invalid '],
])('%j beside %j is refused', (config, parts, problem) => {
	const message = expect.stringMatching(/^tokenizer_config\.json: /) as string;
	const create = () => createTokenizer({ model, ...parts }, config);
	expect(create).toThrow(expect.objectContaining({ name: 'BadInput', message }));
	expect(create).toThrow(`tokenizer_config.json: ${problem}`);
});
