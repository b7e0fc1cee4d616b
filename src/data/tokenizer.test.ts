import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkVocabulary, createTokenizer, type TextTokenizer } from './tokenizer.ts';

const data = '../shared/data';
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
			checkVocabulary(tokenizer, 512);
			checkVocabulary(tokenizer, 520);
		}).not.toThrow();
		for (const other of [97, 511, 32000]) {
			expect(() => {
				checkVocabulary(tokenizer, other);
			}).toThrow(new RegExp(`has 512 tokens, the model's vocabulary ${other}: .*wrong tokenizer`));
		}
	});
});

describe('malformed files', () => {
	test.each([
		[null, {}, /^tokenizer\.json: /],
		[{}, {}, /^tokenizer\.json: "model"/],
		[{ model: { type: 'Odd', vocab: {} } }, {}, /^tokenizer\.json: "model\.type"/],
		[{ model: { type: 'BPE' } }, {}, /^tokenizer\.json cannot be used/],
		[
			{ model: { type: 'BPE', vocab: {} } },
			{ eos_token: 3 },
			/^tokenizer_config\.json: "eos_token"/,
		],
	])('%j is refused by name', (file, config, message) => {
		expect(() => createTokenizer(file, config)).toThrow(message);
	});

	test('a text without tokens is an error, not a hole', () => {
		const model = {
			type: 'WordPiece',
			vocab: { a: 0, '##b': 1 },
			unk_token: '[UNK]',
			continuing_subword_prefix: '##',
		};
		const tokenizer = createTokenizer({ model }, {});
		expect(tokenizer).toMatchObject({ vocabularySize: 2, bosTokenId: null, eosTokenId: null });
		expect(tokenizer.encode('ab', { special: true })).toEqual([0, 1]);
		expect(tokenizer.decode([])).toBe('');
		expect(() => tokenizer.encode('c', { special: true })).toThrow(/no token for part of "c"/);
	});
});
