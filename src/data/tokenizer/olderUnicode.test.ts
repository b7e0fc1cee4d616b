/** Characters as Hugging Face's tokenizers 0.23.3 takes them: some of each class, from its beginning to its end. */
import { expect, test } from 'vitest';
import { makeNormalizer } from './normalizers.ts';
import { makePreTokenizer } from './preTokenizers.ts';

const bert = {
	...{ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false },
	...{ strip_accents: false, lowercase: false },
};
const normalizing = (normalizer: object) => (text: string) =>
	makeNormalizer(normalizer, 'normalizer')(text);
const compose = normalizing({ type: 'NFKC' });
const decompose = normalizing({ type: 'NFKD' });
const stripMarks = normalizing({ type: 'StripAccents' });
const stripNonspacing = normalizing({ ...bert, strip_accents: true });
const clean = normalizing({ ...bert, clean_text: true });
const cut = (text: string) =>
	makePreTokenizer(
		{ type: 'Punctuation' },
		'pre_tokenizer',
	)({ text, first: true })
		.map((token) => token.text)
		.join('|');

test.each<[string, (text: string) => string, string, (character: string) => string]>([
	['no compatible form', compose, '32ff 107b0 113c7 1ccf9', (one) => `a${one}`],
	['no decomposition', decompose, '32ff 107b0 113c7 1ccf9', (one) => `a${one}`],
	[
		'no mark',
		stripMarks,
		'7fd cf3 1ae0 10d27 10f82 111c9 113c5 113e2 1193b 119e0 11a47 11d36 11d8a 11f01 13440 16fe4 1e130 1e5ef',
		(one) => `a${one}`,
	],
	['a mark', stripMarks, '1cf2 1cf3', () => 'a'],
	[
		'no nonspacing mark',
		stripNonspacing,
		'7fd d00 1ae0 a9bd 10f82 1123e 113e1 11837 119d4 11a38 11a8a 11b66 11caa 11d3a 11d95 11f40 1612d 1cf46 ' +
			'1e026 1e4ef 1e6f5 1e94a',
		(one) => `a${one}`,
	],
	['a nonspacing mark', stripNonspacing, '1734 1171e', () => 'a'],
	['no punctuation', cut, '61d 1b7f 10f86 1145b 11944 11aa2 11ef7 16d6f', (one) => `a${one}`],
	['punctuation', cut, '166d 111c9', (one) => `a|${one}`],
	['no control character', clean, '890 110cd', (one) => `a${one}`],
])('%s', (_, made, codes, expected) => {
	for (const code of codes.split(' ')) {
		const character = String.fromCodePoint(Number.parseInt(code, 16));
		expect([code, made(`a${character}`)]).toEqual([code, expected(character)]);
	}
});
