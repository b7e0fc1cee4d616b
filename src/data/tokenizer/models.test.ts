/** What Hugging Face's tokenizers 0.23.3 makes of one pre-tokenised text. */
import { describe, expect, test } from 'vitest';
import { makeModel } from './models.ts';

const ids = (model: object, text: string) => makeModel(model, 'model').encode(text);

const wordPiece = {
	type: 'WordPiece',
	vocab: { '[UNK]': 0, a: 1, '##b': 2, ab: 3 },
	unk_token: '[UNK]',
	continuing_subword_prefix: '##',
	max_input_chars_per_word: 4,
};
const bpe = {
	type: 'BPE',
	vocab: { u: 0, a: 1, b: 2, ab: 3, aba: 4, xyz: 5 },
	merges: [['a', 'b'], 'ab a'],
};
const endOfWord = {
	...{ type: 'BPE', vocab: { u: 0, a: 1, 'b</w>': 2, 'ab</w>': 3 }, merges: [['a', 'b</w>']] },
	end_of_word_suffix: '</w>',
};
const pieces: [string, number][] = [
	['<unk>', 0],
	['a', -1],
	['b', -2],
	['ab', -4],
	['abc', -1],
];
const bytes = Array.from({ length: 256 }, (_, byte): [string, number] => [
	`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
	-9,
]);
const unigram = (...more: [string, number][]) => ({
	...{ type: 'Unigram', vocab: [...pieces, ...more], unk_id: 0 },
});

/** An unknown character scores 10 less than the worst piece, here -11. */
/** As tokenizers 0.23 has it: a character that is no piece is refused, unless a longer piece has reached its end. */
const withoutSingles = {
	type: 'Unigram',
	unk_id: null,
	vocab: [
		['ab', -1],
		['x', -2],
		['xa', -1],
		['b', -3],
	],
};

const unknownBeside = (score: number, character = 'x') => [
	['<unk>', -1],
	['a', score],
	[`a${character}`, -1],
];

test.each<[object, string, number[] | null]>([
	[wordPiece, 'abbb', [3, 2, 2]],
	[wordPiece, 'abbbb', [0]],
	[wordPiece, 'ac', [0]],
	[wordPiece, '', []],
	[{ ...wordPiece, unk_token: '[NONE]' }, 'ac', null],
	[bpe, 'abaxab', [4, 3]],
	[bpe, 'axb', [3]],
	[bpe, 'xx', []],
	[bpe, 'xyz', []],
	[{ ...bpe, ignore_merges: true }, 'xyz', [5]],
	[{ ...bpe, ignore_merges: true }, 'abx', [3]],
	[{ ...bpe, unk_token: 'u' }, 'abaxxab', [4, 0, 0, 3]],
	[{ ...bpe, unk_token: 'u', fuse_unk: true }, 'abaxxab', [4, 0, 3]],
	[{ ...bpe, unk_token: 'u', ignore_merges: true }, 'xyz', [5]],
	[{ ...bpe, unk_token: 'none' }, 'ax', null],
	[{ ...bpe, continuing_subword_prefix: '', end_of_word_suffix: '', dropout: 0 }, 'ab', [3]],
	[{ ...endOfWord, unk_token: 'u' }, 'ab', [3]],
	[{ type: 'WordLevel', vocab: { a: 1, u: 2 }, unk_token: 'u' }, 'a', [1]],
	[{ type: 'WordLevel', vocab: { a: 1, u: 2 }, unk_token: 'u' }, 'b', [2]],
	[{ type: 'WordLevel', vocab: { a: 1 }, unk_token: 'u' }, 'b', null],
	[unigram(), '', []],
	[unigram(), 'ab', [1, 2]],
	[unigram(), 'abc', [4]],
	[unigram(), 'abx😀y', [1, 2, 0]],
	[unigram(), 'xa', [0, 1]],
	[unigram(), '<unk>xy', [0]],
	[unigram(['x', -50]), 'x', [5]],
	[unigram(['x', -50], ['xa', -70]), 'xa', [5, 1]],
	[{ type: 'Unigram', unk_id: 0, vocab: unknownBeside(10.5) }, 'ax', [1, 0]],
	[{ type: 'Unigram', unk_id: 0, vocab: unknownBeside(9.5) }, 'ax', [2]],
	[{ type: 'Unigram', unk_id: 0, vocab: unknownBeside(10.5, '😀') }, 'a😀', [1, 0]],
	[{ ...unigram(), unk_id: null }, 'ab', [1, 2]],
	[{ ...unigram(), unk_id: null }, 'ax', null],
	[withoutSingles, 'xab', [1, 0]],
	[withoutSingles, 'ab', null],
	[withoutSingles, 'xaab', null],
	[withoutSingles, 'xabb', [1, 0, 3]],
	[unigram(...bytes), 'é', [0]],
	[{ ...unigram(...bytes), byte_fallback: true }, 'aé', [1, 200, 174]],
	[{ ...unigram(['<0xC3>', -9]), byte_fallback: true }, 'aé', [1, 0]],
	[
		{
			...unigram(),
			vocab: [
				['<unk>', 0],
				['', 5],
				['a', -1],
			],
		},
		'aax',
		[2, 2, 0],
	],
])('%j: %j', (model, text, expected) => {
	expect(ids(model, text)).toEqual(expected);
});

test('of two ways with one score, the one whose last piece begins first', () => {
	const vocab = [
		['ab', -2],
		['a', -1],
		['b', -1],
	];
	expect(ids({ type: 'Unigram', vocab }, 'ab')).toEqual([0]);
	expect(ids({ type: 'Unigram', vocab: vocab.toReversed() }, 'ab')).toEqual([2]);
});

describe('without a type', () => {
	test.each<[string, object, string, number[] | null]>([
		['pieces with scores are Unigram', { vocab: pieces, unk_id: 0 }, 'ab', [1, 2]],
		['merges are BPE', { vocab: bpe.vocab, merges: bpe.merges }, 'ab', [3]],
		['a longest word is WordPiece', { ...wordPiece, type: null }, 'abb', [3, 2]],
		['the rest is WordLevel', { vocab: { ab: 1 }, unk_token: 'u' }, 'ab', [1]],
	])('%s', (_, model, text, expected) => {
		expect(ids(model, text)).toEqual(expected);
	});
});

const withoutBytes = (...lacking: string[]): Record<string, number> =>
	Object.fromEntries(
		bytes.filter(([piece]) => !lacking.includes(piece)).map(([piece], id) => [piece, id]),
	);
const fallback = (vocab: object) => ({ type: 'BPE', vocab, merges: [], byte_fallback: true });

test('bytes of ASCII may be pieces by themselves', () => {
	const vocab = { ...withoutBytes('<0x41>', '<0x7F>'), A: 300, '\x7f': 301 };
	expect(ids(fallback(vocab), 'Aé')).toEqual([300, 193, 167]);
});

test.each<[object, string]>([
	[
		fallback({ ...withoutBytes('<0x80>'), '\x80': 300 }),
		'"byte_fallback" is true, and "vocab" lacks <0x80>',
	],
	[fallback(withoutBytes('<0xFF>')), '"byte_fallback" is true, and "vocab" lacks <0xFF>'],
	[endOfWord, '"end_of_word_suffix" is not supported without "unk_token"'],
	[{ ...unigram(), unk_id: 5 }, '"unk_id" is 5, and there are 5 pieces'],
	[{ type: 'WordLevel', vocab: [], unk_token: 'u' }, '"vocab" is no object of pieces and ids'],
	[{ ...bpe, merges: {} }, '"merges" is no list'],
	[{ ...bpe, merges: ['a b', ['a', 'b', 'a']] }, 'merge 2 is no pair of pieces'],
	[{ ...bpe, merges: [['a', 1]] }, 'merge 1 is no pair of pieces'],
	[{ ...bpe, merges: [[1, 'a']] }, 'merge 1 is no pair of pieces'],
	[{ ...bpe, merges: [null] }, 'merge 1 is no pair of pieces'],
	[{ ...bpe, merges: ['a b', 'b a'] }, 'merge 2 needs "ba", which "vocab" lacks'],
	[{ ...bpe, vocab: { ab: 0, b: 1 } }, 'merge 1 needs "a", which "vocab" lacks'],
	[{ ...bpe, vocab: { ab: 0, a: 1 } }, 'merge 1 needs "b", which "vocab" lacks'],
	[
		{ ...bpe, vocab: { a: 2 ** 24 } },
		'the id of "a" is 16777216, and ids are whole numbers below 16777216',
	],
	[{ ...bpe, vocab: { a: 0.5 } }, 'the id of "a" is 0.5, and'],
	[{ ...bpe, vocab: { a: '0' } }, 'the id of "a" is "0", and'],
])('%j is refused', (model, problem) => {
	const message = expect.stringContaining(`tokenizer.json: model: ${problem}`) as string;
	expect(() => makeModel(model, 'model')).toThrow(
		expect.objectContaining({ name: 'BadInput', message }),
	);
});

test('an id may be 0 or the largest of all', () => {
	const { vocabulary } = makeModel(
		{ type: 'WordLevel', vocab: { a: 0, b: 2 ** 24 - 1 }, unk_token: 'a' },
		'model',
	);
	expect([...vocabulary]).toEqual([
		['a', 0],
		['b', 16777215],
	]);
});
