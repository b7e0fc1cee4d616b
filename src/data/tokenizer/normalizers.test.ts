/** What Hugging Face's tokenizers 0.23.3 (`normalizer.normalize_str`) makes of texts. */
import { describe, expect, test } from 'vitest';
import { makeNormalizer } from './normalizers.ts';

const strip = (left: boolean, right: boolean) => ({
	type: 'Strip',
	strip_left: left,
	strip_right: right,
});
const bert = (options: object) => ({
	...{ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, lowercase: false },
	...options,
});

test.each<[object, string, string]>([
	[{ type: 'Prepend', prepend: '_' }, 'a b', '_a b'],
	[{ type: 'Prepend', prepend: '_' }, '', ''],
	[{ type: 'Replace', pattern: { String: 'a.' }, content: '$&x' }, 'a. ab a.', '$&x ab $&x'],
	[{ type: 'Replace', pattern: { Regex: 'a+' }, content: '$1' }, 'aab a', '$1b $1'],
	[{ type: 'NFC' }, 'e\u0301 ﬁ', 'é ﬁ'],
	[{ type: 'NFD' }, 'é ﬁ', 'e\u0301 ﬁ'],
	[{ type: 'NFKC' }, 'e\u0301 ﬁ', 'é fi'],
	[{ type: 'NFKD' }, 'é ﬁ', 'e\u0301 fi'],
	[{ type: 'Lowercase' }, 'ΟΔΟΣ İ', 'οδοσ i\u0307'],
	[strip(true, false), ' \x85 a b \n', 'a b \n'],
	[strip(false, true), ' \x85 a b \n\x85', ' \x85 a b'],
	[strip(true, true), ' \ufeff a \ufeff\n', '\ufeff a \ufeff'],
	[strip(false, false), ' a ', ' a '],
	[{ type: 'StripAccents' }, 'e\u0301\u0488\u0903a', 'ea'],
	[{ type: 'ByteLevel' }, 'a é\n\xad\x7f\xff', 'aĠÃ©ĊÂŃġÃ¿'],
	[
		{
			type: 'Sequence',
			normalizers: [{ type: 'Prepend', prepend: 'B' }, { type: 'Lowercase' }],
		},
		'A',
		'ba',
	],
])('%j: %j', (normalizer, text, expected) => {
	expect(makeNormalizer(normalizer, 'normalizer')(text)).toBe(expected);
});

describe('BertNormalizer', () => {
	test.each<[object, string, string]>([
		[{}, 'Éa\0一\xa0', 'Éa\0一\xa0'],
		[{ clean_text: true }, 'a\0b\ufffdc\u200bd\ue000e\tf\xa0g\x85h\u2028i\r\n', 'abcde f gh i  '],
		[{ handle_chinese_chars: true }, 'a一b𠀀cあ豈', 'a 一 b 𠀀 cあ 豈 '],
		[{ lowercase: true }, 'ÉA', 'ea'],
		[{ lowercase: true, strip_accents: false }, 'ÉA', 'éa'],
		[{ strip_accents: true }, 'ÉA\u0903\u0488', 'EA\u0903\u0488'],
		[{ strip_accents: false }, 'ÉA', 'ÉA'],
		[{ strip_accents: null }, 'ÉA', 'ÉA'],
	])('%j: %j', (options, text, expected) => {
		expect(makeNormalizer(bert(options), 'normalizer')(text)).toBe(expected);
	});
});

// Unicode 9 of the libraries in Rust: what came later has no decomposition, is no mark and no sign of punctuation.
test.each<[object, string, string]>([
	[{ type: 'NFKD' }, '㋿ ㋿é\u{1f16c}ﬁ', '㋿ ㋿e\u0301\u{1f16c}fi'],
	[{ type: 'NFKC' }, '㋿', '㋿'],
	[{ type: 'StripAccents' }, 'a\u{1e130}\u1cf2', 'a\u{1e130}'],
	[bert({ strip_accents: true }), 'a\u{1e130}\u1734', 'a\u{1e130}'],
	[bert({ clean_text: true }), 'a\u08e2\u0600', 'a\u08e2'],
])('%j: %j', (normalizer, text, expected) => {
	expect(makeNormalizer(normalizer, 'normalizer')(text)).toBe(expected);
});
