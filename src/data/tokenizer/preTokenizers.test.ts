/** What Hugging Face's tokenizers 0.23.3 (`pre_tokenizer.pre_tokenize_str`) makes of texts. */
import { describe, expect, test } from 'vitest';
import { makePreTokenizer } from './preTokenizers.ts';

const cut = (value: object, text: string, first = true) =>
	makePreTokenizer(value, 'pre_tokenizer')({ text, first });
const texts = (value: object, text: string) => cut(value, text).map((token) => token.text);

describe('Split', () => {
	test.each<[string, boolean, string[]]>([
		['Removed', false, ['a', 'b']],
		['Removed', true, ['-', '-', '-']],
		['Isolated', false, ['a', '-', '-', 'b', '-']],
		['Isolated', true, ['a', '-', '-', 'b', '-']],
		['MergedWithPrevious', false, ['a-', '-', 'b-']],
		['MergedWithPrevious', true, ['a', '-', '-b', '-']],
		['MergedWithNext', false, ['a', '-', '-b', '-']],
		['MergedWithNext', true, ['a-', '-', 'b-']],
		['Contiguous', false, ['a', '--', 'b', '-']],
		['Contiguous', true, ['a', '--', 'b', '-']],
	])('%s, inverted: %j', (behavior, invert, expected) => {
		const split = { type: 'Split', pattern: { String: '-' }, behavior, invert };
		expect(texts(split, 'a--b-')).toEqual(expected);
		if (!invert)
			expect(texts({ type: 'Split', pattern: { Regex: '-' }, behavior }, 'a--b-')).toEqual(
				expected,
			);
	});
});

const byteLevel = (prefix: boolean, regex: boolean) => ({
	...{ type: 'ByteLevel', add_prefix_space: prefix, use_regex: regex, trim_offsets: true },
});
const metaspace = (options: object) => ({
	...{ type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
	...options,
});
const first = metaspace({ prepend_scheme: 'first' });
const contractions = "we'll you've I'm he'd they're don't it's 'x  \t x";

test.each<[object, string, string]>([
	[{ type: 'CharDelimiterSplit', delimiter: '.' }, 'a.b..c', 'a|b|c'],
	[{ type: 'Whitespace' }, "a_é1'!  b\u200d\x85c\ufeffd ²", "a_é1|'!|b\u200d|c|\ufeff|d|²"],
	[{ type: 'WhitespaceSplit' }, 'a\x85b\ufeffc  d', 'a|b\ufeffc|d'],
	[{ type: 'BertPreTokenizer' }, 'a.b  c!?d\xa0e', 'a|.|b|c|!|?|d|e'],
	[{ type: 'Punctuation', behavior: 'Contiguous' }, 'a$b!?c', 'a|$|b|!?|c'],
	[{ type: 'Punctuation' }, 'a$b!?c', 'a|$|b|!|?|c'],
	[{ type: 'Digits', individual_digits: true }, 'a12²b', 'a|1|2|²|b'],
	[{ type: 'Digits', individual_digits: false }, 'a12²b', 'a|12²|b'],
	[byteLevel(true, true), "it's 12  ab!\n", "Ġit|'s|Ġ12|Ġ|Ġab|!|Ċ"],
	[byteLevel(false, true), "it's 12  ab!\n", "it|'s|Ġ12|Ġ|Ġab|!|Ċ"],
	[
		byteLevel(false, true),
		contractions,
		"we|'ll|Ġyou|'ve|ĠI|'m|Ġhe|'d|Ġthey|'re|Ġdon|'t|Ġit|'s|Ġ'|x|ĠĠĉ|Ġx",
	],
	[byteLevel(true, false), 'a b', 'ĠaĠb'],
	[byteLevel(true, false), ' a b', 'ĠaĠb'],
	[byteLevel(true, true), '\x85\x85a \ufeffb', 'ĠÂħ|Âħ|a|Ġï»¿|b'],
	[{ type: 'ByteLevel', add_prefix_space: true }, '\xa0a', 'Ġ|Âł|a'],
	[metaspace({}), 'a b  c', '▁a|▁b|▁|▁c'],
	[metaspace({}), '▁a', '▁a'],
	[metaspace({ split: false }), 'a b', '▁a▁b'],
	[metaspace({ prepend_scheme: 'never' }), 'a b', 'a|▁b'],
	[metaspace({ prepend_scheme: 'never', add_prefix_space: false }), 'a b', 'a|▁b'],
	[first, 'a b', '▁a|▁b'],
	[metaspace({ replacement: '$' }), 'a b', '$a|$b'],
	[metaspace({ replacement: '😀' }), 'a b', '😀a|😀b'],
	[{ type: 'Metaspace', replacement: '▁', add_prefix_space: true, str_rep: '▁' }, 'a b', '▁a|▁b'],
	[{ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, first] }, 'a b', '▁a|b'],
	[{ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, first] }, ' a b', 'a|b'],
	[
		{ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace({})] },
		'a b',
		'▁a|▁b',
	],
])('%j: %j', (value, text, expected) => {
	expect(texts(value, text)).toEqual(expected.split('|'));
});

test('only the beginning of the whole text is first', () => {
	expect(cut({ type: 'WhitespaceSplit' }, 'a b')).toEqual([
		{ text: 'a', first: true },
		{ text: 'b', first: false },
	]);
	expect(cut({ type: 'WhitespaceSplit' }, 'a b', false).map((token) => token.first)).toEqual([
		false,
		false,
	]);
	expect(cut(first, 'a', false)).toEqual([{ text: 'a', first: false }]);
});

test.each<[object, string]>([
	[metaspace({ replacement: 'ab' }), ' (Metaspace): "replacement": "ab" is not supported'],
	[metaspace({ replacement: '' }), ' (Metaspace): "replacement": "" is not supported'],
	[metaspace({ prepend_scheme: 'odd' }), ' (Metaspace): "prepend_scheme": "odd" is not supported'],
	[{ type: 'CharDelimiterSplit', delimiter: 'ab' }, ' (CharDelimiterSplit): "delimiter": "ab"'],
	[
		metaspace({ add_prefix_space: false }),
		': "add_prefix_space" is false, though "prepend_scheme" is not "never"',
	],
	[{ type: 'Sequence', pretokenizers: [first, {}] }, '.pretokenizers[1]: an object has no type'],
])('%j is refused', (value, problem) => {
	const message = expect.stringContaining(`tokenizer.json: pre_tokenizer${problem}`) as string;
	expect(() => makePreTokenizer(value, 'pre_tokenizer')).toThrow(
		expect.objectContaining({ name: 'BadInput', message }),
	);
});
