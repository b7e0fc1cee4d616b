/** What Hugging Face's tokenizers 0.23.3 makes of added tokens: their ids, and the sections of a text. */
import { describe, expect, test } from 'vitest';
import { type AddedToken, createAddedTokens, type Section } from './addedTokens.ts';

const token = (content: string, flags: Partial<AddedToken> = {}): AddedToken => ({
	...{
		content,
		single_word: false,
		lstrip: false,
		rstrip: false,
		normalized: false,
		special: false,
	},
	...flags,
});
const vocabulary = new Map(Array.from('uabcx -', (piece, id) => [piece, id]));
const same = (text: string) => text;
const add = (tokens: AddedToken[], normalize = same) =>
	createAddedTokens(tokens, [], vocabulary, normalize);

/** Sections as `[token]` and plain text, side by side. */
const spelled = (sections: Section[]) =>
	sections.map(({ text, id }) => (id === null ? text : `[${text}]`)).join('');

test('a known piece keeps its id, others come behind the vocabulary in order, whatever the file says', () => {
	const added = add([token('c'), token('ab'), token(''), token('bb'), token('ab'), token('d')]);
	expect([...added.ids]).toEqual([
		['c', 3],
		['ab', 7],
		['bb', 8],
		['d', 9],
	]);
	expect([...added.byId.keys()]).toEqual([3, 7, 8, 9]);
});

test('in a vocabulary with holes ids go on from its size, or behind the largest added before', () => {
	const holes = new Map([
		['a', 0],
		['b', 9],
	]);
	const ids = (tokens: string, later: string) => [
		...createAddedTokens(
			Array.from(tokens, (one) => token(one)),
			Array.from(later, (one) => token(one)),
			holes,
			same,
		).ids.values(),
	];
	expect(ids('xby', '')).toEqual([2, 9, 3]);
	expect(ids('bx', 'yz')).toEqual([9, 2, 10, 11]);
	expect(ids('x', 'byz')).toEqual([2, 9, 3, 4]);
	expect(ids('', 'by')).toEqual([9, 2]);
});

test('the last of two tokens with one content has the say', () => {
	expect(add([token('ab'), token('ab', { special: true })]).byId.get(7)?.special).toBe(true);
	const special = [token('ab', { special: true }), token('bb')];
	expect([...add(special).special]).toEqual(['ab']);
});

describe('in a text as it came', () => {
	test.each<[string, AddedToken[], string, string]>([
		['the longest', [token('ab'), token('abc'), token('bc')], 'abcbcabx', '[abc][bc][ab]x'],
		['the first', [token('ab'), token('bcc')], 'abcc', '[ab]cc'],
		['none', [], 'ab', 'ab'],
		['no token of nothing', [token(''), token('ab')], 'xab', 'x[ab]'],
		['all of the text', [token('ab')], 'ab', '[ab]'],
		[
			'single words',
			[token('ab', { single_word: true })],
			'ab abx xab éab ab-ab ab\u0301 𝐀ab ab_ ab\u200d 1ab',
			'[ab] abx xab éab [ab]-[ab] ab\u0301 𝐀ab ab_ ab\u200d 1ab',
		],
		['signs beside a word', [token('ab', { single_word: true })], '😀ab😀', '😀[ab]😀'],
		['spaces on the left', [token('ab', { lstrip: true })], 'x  \x85ab ab ', 'x[  \x85ab][ ab] '],
		[
			'spaces on the right',
			[token('ab', { rstrip: true })],
			' ab  \x85x ab ',
			' [ab  \x85]x [ab ]',
		],
		['both', [token('ab', { lstrip: true, rstrip: true })], ' ab  ab ', '[ ab  ][ab ]'],
		[
			'no spaces that are none',
			[token('ab', { lstrip: true, rstrip: true })],
			'\ufeffab\ufeff',
			'\ufeff[ab]\ufeff',
		],
	])('%s', (_, tokens, text, expected) => {
		const sections = add(tokens).findRaw(text);
		expect(spelled(sections)).toBe(expected);
		expect(sections.map((one) => text.slice(one.start, one.start + one.text.length))).toEqual(
			sections.map((one) => one.text),
		);
	});

	test('places and ids', () => {
		expect(add([token('ab')]).findRaw('xabc')).toEqual([
			{ text: 'x', start: 0, id: null },
			{ text: 'ab', start: 1, id: 7 },
			{ text: 'c', start: 3, id: null },
		]);
		expect(add([token('ab')]).findRaw('')).toEqual([]);
	});
});

describe('in a normalised text', () => {
	const lower = (text: string) => text.toLowerCase();

	test('tokens are found as they are spelled there, others only in a text as it came', () => {
		const added = add([token('AB', { normalized: true }), token('XX')], lower);
		expect(spelled(added.findNormalized('ab AB xx'))).toBe('[ab] AB xx');
		expect(spelled(added.findRaw('AB ab XX xx'))).toBe('AB ab [XX] xx');
	});

	test('of two that are spelled alike the last is found', () => {
		const both = [token('AB', { normalized: true }), token('ab', { normalized: true })];
		expect(add(both, lower).findNormalized('ab')).toEqual([{ text: 'ab', start: 0, id: 8 }]);
	});

	test('a token of which nothing is left is not found', () => {
		const added = add([token(' ', { normalized: true })], (text) => text.trim());
		expect(spelled(added.findNormalized('a b'))).toBe('a b');
	});
});
