/** Whole tokenizers: sizes, ids, and where a file is refused. */
import { describe, expect, test } from 'vitest';
import { createTokenizer, fitTokenizer } from '../tokenizer.ts';

const special = { special: true, normalized: false };
const file = {
	model: { type: 'WordLevel', vocab: { u: 0, a: 1, b: 2, '▁a': 3 }, unk_token: 'u' },
	added_tokens: [
		{ id: 4, content: '<s>', ...special },
		{ id: 5, content: 'XY' },
		{ id: 6, content: '</s>', ...special },
	],
	normalizer: { type: 'Lowercase' },
	pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
};
const names = { bos_token: '<s>', eos_token: { content: 'b' } };
const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const template = (before: string[], after: string[]) => ({
	type: 'TemplateProcessing',
	single: [...before.map(token), { Sequence: { id: 'A', type_id: 0 } }, ...after.map(token)],
	special_tokens: Object.fromEntries(
		['a', 'b', '<s>', '</s>'].map((id, index) => [
			id,
			{ id, ids: [[1, 2, 4, 6][index]], tokens: [id] },
		]),
	),
});

describe('a tokenizer', () => {
	const create = () => createTokenizer(file, names);

	test('knows its sizes, its tokens and their ids', () => {
		const tokenizer = create();
		expect(tokenizer).toMatchObject({
			...{ vocabularySize: 7, modelVocabularySize: 4, bosTokenId: 4, eosTokenId: 2 },
		});
		expect(['▁a', 'XY', '<s>', 'xy', ''].map((piece) => tokenizer.idOf(piece))).toEqual([
			...[3, 5, 4, null, null],
		]);
		expect([3, 4, 5, 7].map((id) => tokenizer.pieceOf(id))).toEqual(['▁a', '<s>', 'xy', null]);
	});

	test('has no begin and end tokens where none are named, or named ones that there are not', () => {
		const none = { bosTokenId: null, eosTokenId: null };
		expect(createTokenizer(file, {})).toMatchObject(none);
		expect(createTokenizer(file, { bos_token: null, eos_token: '' })).toMatchObject(none);
	});

	// As Hugging Face's tokenizers 0.23.3.
	test.each<[string, number[]]>([
		['a', [3]],
		['A a', [3, 3]],
		['<s>a', [4, 1]],
		['xya', [5, 1]],
		['aXYa', [3, 5, 1]],
		['XY a', [5, 3]],
		['</s><s>', [6, 4]],
		['', []],
	])('%j', (text, ids) => {
		expect(create().encode(text, { special: false })).toEqual(ids);
	});

	test('leaves out special tokens alone in texts, and ids that there are not', () => {
		expect(create().decode([4, 3, 5, 99, 6])).toBe('▁a xy');
	});

	test('an added token says what it is, or is a plain one', () => {
		const plain = createTokenizer({ ...file, added_tokens: [{ id: 4, content: 'b' }] }, {});
		expect(plain.encode(' bx b', { special: false })).toEqual([0, 2, 0, 0, 2]);
		expect(plain.decode([2])).toBe('b');
	});
});

test('an empty vocabulary has no size', () => {
	const model = { type: 'WordLevel', vocab: {}, unk_token: 'u' };
	expect(createTokenizer({ model }, {})).toMatchObject({
		...{ vocabularySize: 0, modelVocabularySize: 0 },
	});
});

test('all that begins a text is put in front of it, unless all of it is there', () => {
	const post_processor = template(['<s>', 'a'], ['</s>', 'b']);
	const tokenizer = createTokenizer({ ...file, post_processor }, names);
	expect(tokenizer.encode('<s>b', { special: true })).toEqual([4, 1, 4, 2]);
	expect(tokenizer.encode('<s>a', { special: true })).toEqual([4, 1]);
	expect(tokenizer.encode('', { special: true })).toEqual([4, 1]);
	expect(tokenizer.encodeEnclosed('<s>a')).toEqual([4, 1, 4, 1, 6, 2]);
});

describe('beside a model', () => {
	const create = () => createTokenizer({ ...file, post_processor: template([], ['</s>']) }, names);

	test('of as many tokens, or a little more, it is as it is', () => {
		const tokenizer = create();
		expect(fitTokenizer(tokenizer, 7)).toBe(tokenizer);
		const vocab = Object.fromEntries(Array.from({ length: 90 }, (_, id) => [`${id}`, id]));
		const large = createTokenizer({ model: { type: 'WordLevel', vocab, unk_token: '0' } }, {});
		expect(fitTokenizer(large, 100)).toBe(large);
		expect(() => fitTokenizer(large, 101)).toThrow(
			expect.objectContaining({
				name: 'BadInput',
				message:
					"tokenizer.json has 90 tokens, the model's vocabulary 101: it is the wrong tokenizer for this model; " +
					'take tokenizer.json and weights from the same folder',
			}),
		);
	});

	test('of fewer tokens it is refused where they are its own, not where they were added', () => {
		const tokenizer = create();
		expect(() => fitTokenizer(tokenizer, 3)).toThrow("has 4 tokens, the model's vocabulary 3: ");
		expect(fitTokenizer(tokenizer, 4).encode('a', { special: true })).toEqual([3]);
	});

	test('texts with tokens that the model lacks are refused, and of long ones their beginning is told', () => {
		const tokenizer = create();
		const fitted = fitTokenizer(tokenizer, 6);
		const message = (text: string) =>
			`tokenizer.json makes token 6 ("</s>") of "${text}", and the model's vocabulary ends at 5: take "</s>" ` +
			'out of the text, or a model that has it';
		const long = `</s>${'a'.repeat(40)}`;
		expect(() => fitted.encode(long, { special: false })).toThrow(
			expect.objectContaining({ name: 'BadInput', message: message(long.slice(0, 40)) }),
		);
		expect(() => fitted.encodeEnclosed('a')).toThrow(message('a'));
		expect(fitTokenizer(tokenizer, 7).encodeEnclosed('a')).toEqual([3, 6]);
	});

	test('a tokenizer without a token for every text fits, too', () => {
		const model = { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'u' };
		const added = createTokenizer({ model }, { eos_token: '</s>' });
		const fitted = fitTokenizer(added, 1);
		expect(fitted.encodeEnclosed('a')).toEqual([0]);
		expect(() => fitted.encode(`b${'c'.repeat(50)}`, { special: false })).toThrow(
			expect.objectContaining({
				name: 'BadInput',
				message: `tokenizer.json has no token for part of "b${'c'.repeat(39)}" and no unknown token`,
			}),
		);
	});
});

const advice = 'take a tokenizer without it, or ask for it to be supported';
const nested = (depth: number): object =>
	depth === 0
		? { type: 'NFC' }
		: { type: 'Sequence', normalizers: [nested(depth - 1), { type: 'NFC' }] };

test('sequences may be in each other, but not without end', () => {
	expect(createTokenizer({ ...file, normalizer: nested(7) }, {}).vocabularySize).toBe(7);
	expect(() => createTokenizer({ ...file, normalizer: nested(8) }, {})).toThrow(
		`tokenizer.json: normalizer${'.normalizers[0]'.repeat(8)}: too many sequences in each other`,
	);
});

const whole = 'the file: it holds no object of a tokenizer; is it the right one?';

test.each<[unknown, string]>([
	['text', whole],
	[null, whole],
	[{ ...file, odd: 1 }, `the file: the option "odd" is not known here; ${advice}`],
	[{ ...file, model: undefined }, 'model: undefined has no type'],
	[{ ...file, model: null }, 'model: null has no type'],
	[{ ...file, decoder: [] }, 'decoder: a list has no type'],
	[{ ...file, decoder: {} }, 'decoder: an object has no type'],
	[{ ...file, decoder: 'x'.repeat(58) }, `decoder: "${'x'.repeat(58)}" has no type`],
	[{ ...file, decoder: 'x'.repeat(59) }, `decoder: "${'x'.repeat(59)}... has no type`],
	[
		{ ...file, decoder: { type: 'Odd' } },
		'decoder: the type "Odd" is not supported (Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, ' +
			`WordPiece, BPEDecoder are); ${advice}`,
	],
	[
		{ ...file, decoder: { type: 'Fuse', odd: 1 } },
		`decoder (Fuse): the option "odd" is not known here; ${advice}`,
	],
	[
		{ ...file, decoder: { type: 'WordPiece', prefix: '##' } },
		'decoder (WordPiece): "cleanup": it is missing; is the file whole?',
	],
	[
		{ ...file, decoder: { type: 'WordPiece', prefix: '##', cleanup: 1 } },
		`decoder (WordPiece): "cleanup": 1 is not supported (Invalid type: Expected boolean but received 1); ${advice}`,
	],
	[
		{ ...file, added_tokens: [{ id: 2 ** 24, content: 'x' }] },
		`the file: "added_tokens.0.id": 16777216 is not supported (Invalid value: Expected <=16777215 but received ` +
			`16777216); ${advice}`,
	],
	[
		{ ...file, post_processor: { type: 'BertProcessing', sep: ['x', 7], cls: ['a', 1] } },
		'post_processor: it puts token 7 around texts, which is in no vocabulary',
	],
	[
		{ ...file, post_processor: { type: 'BertProcessing', sep: ['a', 1], cls: ['x', 7] } },
		'post_processor: it puts token 7 around texts, which is in no vocabulary',
	],
])('%j is refused', (value, problem) => {
	expect(() => createTokenizer(value, {})).toThrow(
		expect.objectContaining({ name: 'BadInput', message: `tokenizer.json: ${problem}` }),
	);
});
