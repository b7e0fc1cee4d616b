import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer, fitTokenizer, type TextTokenizer } from './tokenizer.ts';

const data = '../shared/data';
const cases = '../shared/cases';
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown;
const load = (folder: string) =>
	createTokenizer(
		readJson(`${data}/${folder}/tokenizer.json`),
		readJson(`${data}/${folder}/tokenizer_config.json`),
	);

interface Vector {
	text: string;
	ids: number[];
}
interface Published {
	sources: {
		'llama2.c test.c (MIT)': Vector[];
		'belladoreai/llama-tokenizer-js defaultTests (MIT)': {
			encode: Vector[];
			decode: (Vector & { add_prec: boolean })[];
		};
		'huggingface/transformers.js tests/models/llama (Apache-2.0), Xenova/llama-tokenizer': (Vector & {
			decoded: string;
		})[];
	};
}

/** Texts whose ids differ. */
function differing(tokenizer: TextTokenizer, vectors: Vector[], special: boolean): string[] {
	return vectors
		.filter(({ text, ids }) => tokenizer.encode(text, { special }).join() !== ids.join())
		.map(({ text }) => text);
}

describe.skipIf(!existsSync(data))('Llama 2', { timeout: 60_000 }, () => {
	const folder = 'tokenizers/llama2';
	const reference = `${data}/${folder}/reference_tokenisations.sentencepiece-0.2.2.jsonl`;

	test('gives the ids of SentencePiece for 1,024 real strings', () => {
		const lines = readFileSync(reference, 'utf8').trim().split('\n');
		const vectors = lines.map((line) => JSON.parse(line) as Vector);
		expect(vectors).toHaveLength(1024);
		expect(differing(load(folder), vectors, false)).toEqual([]);
	});

	test('gives the published ids, and texts back', () => {
		const tokenizer = load(folder);
		const { sources } = readJson(`${data}/${folder}/published_test_vectors.json`) as Published;
		const karpathy = sources['llama2.c test.c (MIT)'];
		const belladore = sources['belladoreai/llama-tokenizer-js defaultTests (MIT)'];
		const xenova =
			sources[
				'huggingface/transformers.js tests/models/llama (Apache-2.0), Xenova/llama-tokenizer'
			];
		const vectors = [...karpathy, ...belladore.encode, ...xenova];
		expect(vectors).toHaveLength(53);
		expect(differing(tokenizer, vectors, true)).toEqual([]);
		for (const { ids, text, add_prec: prefixed } of belladore.decode) {
			if (prefixed) expect(tokenizer.decode(ids)).toBe(text);
		}
		for (const { ids, decoded } of xenova) {
			expect(`<s>${tokenizer.decode(ids)}`).toBe(decoded.replace(/^<s> /, '<s>'));
		}
	});

	test('knows its special tokens and its size', () => {
		expect(load(folder)).toMatchObject({ vocabularySize: 32000, bosTokenId: 1, eosTokenId: 2 });
	});
});

describe.skipIf(!existsSync(data))('stories260K', () => {
	const folder = 'models/stories260K';

	test('gives the ids the reference implementation used', () => {
		const golden = readJson(`${data}/${folder}/golden_numpy.json`) as Vector;
		const tokenizer = load(folder);
		expect(tokenizer.encode(golden.text, { special: true })).toEqual(golden.ids);
		expect(tokenizer.decode(golden.ids)).toBe(golden.text);
	});

	test('does not fit another model', () => {
		const tokenizer = load(folder);
		expect(() => {
			fitTokenizer(tokenizer, 512);
			fitTokenizer(tokenizer, 520);
		}).not.toThrow();
		for (const other of [97, 511, 32000]) {
			expect(() => {
				fitTokenizer(tokenizer, other);
			}).toThrow(new RegExp(`has 512 tokens, the model's vocabulary ${other}: .*wrong tokenizer`));
		}
	});
});

describe('files that are refused', () => {
	const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };
	const space = { type: 'Replace', pattern: { String: ' ' }, content: '_' };
	const split = (pattern: object) => ({ type: 'Split', pattern, behavior: 'Isolated' });

	test.each<[string, unknown, RegExp]>([
		['null', null, /^tokenizer\.json: the file: it holds no object/],
		['a list', [], /^tokenizer\.json: the file: /],
		['no model', {}, /"model"/],
		['an unknown key', { model, trie: 1 }, /the option "trie" is not known/],
		[
			'an unknown type',
			{ model: { type: 'Odd', vocab: {} } },
			/model: the type "Odd" is not supported \(BPE, Word/,
		],
		['a type of Object', { model, decoder: { type: 'toString' } }, /decoder: the type "toString"/],
		[
			'no vocabulary',
			{ model: { type: 'BPE', merges: [] } },
			/model \(BPE\): "vocab": it is missing/,
		],
		[
			'an id that is huge',
			{ model: { ...model, vocab: { a: 2 ** 31 - 1 } } },
			/the id of "a" is 2147483647/,
		],
		['an id that is none', { model: { ...model, vocab: { a: -1 } } }, /the id of "a" is -1/],
		[
			'an added id that is huge',
			{ model, added_tokens: [{ id: 2 ** 31 - 1, content: 'x' }] },
			/added_tokens\.0\.id.*2147483647/,
		],
		['a merge without its piece', { model: { ...model, merges: ['b a'] } }, /merge 1 needs "ba"/],
		['a merge of one', { model: { ...model, merges: ['b'] } }, /merge 1 is no pair/],
		['dropout', { model: { ...model, dropout: 0.1 } }, /model \(BPE\): "dropout": 0\.1/],
		[
			'a prefix of pieces',
			{ model: { ...model, continuing_subword_prefix: '##' } },
			/"continuing_subword_prefix": "##"/,
		],
		[
			'bytes without pieces',
			{ model: { ...model, byte_fallback: true } },
			/"byte_fallback" .* lacks <0x00>/,
		],
		[
			'an unknown id',
			{ model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 9 } },
			/"unk_id" is 9/,
		],
		['a decoder that is a string', { model, decoder: 'Fuse' }, /decoder: "Fuse" has no type/],
		[
			'an option of a decoder',
			{ model, decoder: { type: 'Fuse', odd: 1 } },
			/decoder \(Fuse\): the option "odd"/,
		],
		[
			'a post-processor without its list',
			{ model, post_processor: { type: 'TemplateProcessing' } },
			/post_processor \(TemplateProcessing\): "single"/,
		],
		[
			'a template without its token',
			{
				model,
				post_processor: {
					type: 'TemplateProcessing',
					single: [{ SpecialToken: { id: 'x', type_id: 0 } }, { Sequence: { id: 'A' } }],
					special_tokens: {},
				},
			},
			/the ids of "x"/,
		],
		[
			'a template whose token there is not',
			{
				model,
				post_processor: {
					type: 'TemplateProcessing',
					single: [{ SpecialToken: { id: 'x', type_id: 0 } }, { Sequence: { id: 'A' } }],
					special_tokens: { x: { id: 'x', ids: [65536], tokens: ['x'] } },
				},
			},
			/post_processor: it puts token 65536 around texts/,
		],
		['a file without its model', {}, /the file: "model": it is missing; is the file whole\?$/],
		['a list', [{ model }], /the file: it holds no object of a tokenizer/],
		[
			'a template without its text',
			{ model, post_processor: { type: 'TemplateProcessing', single: [], special_tokens: {} } },
			/not just one text/,
		],
		[
			'a post-processor with an id that there is not',
			{ model, post_processor: { type: 'BertProcessing', sep: ['a', 0], cls: ['x', 99] } },
			/puts token 99 around texts/,
		],
		['sequences without end', { model, normalizer: nested(50) }, /too many sequences/],
		[
			'a normalizer in a sequence',
			{ model, normalizer: { type: 'Sequence', normalizers: [space, { type: 'Nmt' }] } },
			/normalizer\.normalizers\[1\]: the type "Nmt"/,
		],
		[
			'a table that is none',
			{ model, normalizer: { type: 'Precompiled', precompiled_charsmap: '/////w==' } },
			/no table of SentencePiece/,
		],
		[
			'an expression',
			{ model, pre_tokenizer: split({ Regex: '(?<=a)b' }) },
			/the expression \(\?<=a\)b is not supported/,
		],
		[
			'repetition of repetition',
			{ model, pre_tokenizer: split({ Regex: '(?:a+)+b' }) },
			/repeats what cannot be repeated/,
		],
		[
			'an expression of nothing',
			{ model, pre_tokenizer: split({ Regex: 'a*' }) },
			/matches where there is nothing/,
		],
		[
			'a behaviour',
			{ model, pre_tokenizer: { ...split({ String: ' ' }), behavior: 'Odd' } },
			/"behavior": "Odd"/,
		],
		[
			'a metaspace that contradicts itself',
			{ model, pre_tokenizer: { type: 'Metaspace', replacement: '_', add_prefix_space: false } },
			/"add_prefix_space" is false/,
		],
	])('%s', (_, file, message) => {
		expect(() => createTokenizer(file, {})).toThrow(
			expect.objectContaining({
				name: 'BadInput',
				message: expect.stringMatching(message) as string,
			}),
		);
	});

	test.each<[object, RegExp]>([
		[{ eos_token: 3 }, /^tokenizer_config\.json: "eos_token"/],
		[{ split_special_tokens: true }, /"split_special_tokens"/],
		[{ add_prefix_space: false }, /"add_prefix_space" is false/],
		[{ clean_up_tokenization_spaces: 'no' }, /"clean_up_tokenization_spaces"/],
	])('%j', (config, message) => {
		const normalizer = { type: 'Prepend', prepend: '_' };
		expect(() => createTokenizer({ model, normalizer }, config)).toThrow(message);
	});

	function nested(depth: number): object {
		return depth === 0 ? space : { type: 'Sequence', normalizers: [nested(depth - 1)] };
	}
});

test.skipIf(!existsSync(cases))('an id of 2147483647 is refused, not counted up to', () => {
	const [file] = readJson(`${cases}/hostile/tokenizer-hang.json`) as unknown[];
	expect(() => createTokenizer(file, {})).toThrow(/the id of "hasOwnProperty" is 2147483647/);
});
