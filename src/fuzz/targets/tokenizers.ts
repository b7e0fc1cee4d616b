/** Tokenizers of every kind of component, small. */
import { createTokenizer } from '../../data/tokenizer.ts';
import { parseJson } from '../../weights/input.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { textMutators } from '../mutate/text.ts';
import { type Bytes, claim, jsonBytes, type Target, utf8 } from '../target.ts';

const special = (content: string, id: number) => ({
	...{ id, content, special: true, single_word: false },
	...{ lstrip: false, rstrip: false, normalized: false },
});
const added = ['<unk>', '<s>', '</s>'].map(special);

const sequence = (id: string) => ({ Sequence: { id, type_id: 0 } });
const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const template = {
	type: 'TemplateProcessing',
	single: [token('<s>'), sequence('A')],
	pair: [token('<s>'), sequence('A'), token('<s>'), sequence('B')],
	special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
};

const bytePieces = Array.from(
	{ length: 256 },
	(_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

const vocabulary = (pieces: readonly string[]): Record<string, number> =>
	Object.fromEntries(['<unk>', '<s>', '</s>', ...pieces].map((piece, id) => [piece, id]));

const llama = {
	version: '1.0',
	added_tokens: added,
	normalizer: {
		type: 'Sequence',
		normalizers: [
			{ type: 'Prepend', prepend: '▁' },
			{ type: 'Replace', pattern: { String: ' ' }, content: '▁' },
		],
	},
	pre_tokenizer: null,
	post_processor: template,
	decoder: {
		type: 'Sequence',
		decoders: [
			{ type: 'Replace', pattern: { String: '▁' }, content: ' ' },
			{ type: 'ByteFallback' },
			{ type: 'Fuse' },
			{ type: 'Strip', content: ' ', start: 1, stop: 0 },
		],
	},
	model: {
		...{ type: 'BPE', dropout: null, unk_token: '<unk>', fuse_unk: true, byte_fallback: true },
		vocab: vocabulary([...bytePieces, '▁', 'a', 'b', 'ab', '▁ab']),
		merges: ['a b', '▁ ab'],
	},
};

const gpt = {
	version: '1.0',
	added_tokens: added,
	normalizer: { type: 'NFC' },
	pre_tokenizer: {
		type: 'Sequence',
		pretokenizers: [
			{
				...{ type: 'Split', behavior: 'Isolated', invert: false },
				pattern: { Regex: "'s|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+" },
			},
			{ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
		],
	},
	post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
	decoder: { type: 'ByteLevel' },
	model: {
		...{ type: 'BPE', unk_token: '<unk>', fuse_unk: false, ignore_merges: true },
		vocab: vocabulary(['Ġ', 'a', 'b', 'Ã', '©', 'Ċ', 'ab', 'Ġab']),
		merges: [
			['a', 'b'],
			['Ġ', 'ab'],
		],
	},
};

const unigram = {
	version: '1.0',
	added_tokens: added,
	normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }] },
	pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
	post_processor: template,
	decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
	model: {
		...{ type: 'Unigram', unk_id: 0 },
		vocab: [
			...['<unk>', '<s>', '</s>'].map((piece) => [piece, 0]),
			...['▁', 'a', 'b', '▁ab'].map((piece, index) => [piece, -1 - index / 2]),
		],
	},
};

const wordPiece = {
	version: '1.0',
	added_tokens: added,
	normalizer: {
		...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
		...{ strip_accents: null, lowercase: true },
	},
	pre_tokenizer: { type: 'BertPreTokenizer' },
	post_processor: { type: 'BertProcessing', sep: ['</s>', 2], cls: ['<s>', 1] },
	decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
	model: {
		...{ type: 'WordPiece', unk_token: '<unk>', continuing_subword_prefix: '##' },
		max_input_chars_per_word: 100,
		vocab: vocabulary(['a', '##b', 'ab', '.']),
	},
};

const texts = ['', 'ab', 'ab ab\n<s>é', ' 1234  b</s>', 'ａ　ﬁ\u0301🙂'];

function use(tokenizerJson: Bytes, tokenizerConfig: Bytes): void {
	const tokenizer = createTokenizer(
		parseJson(tokenizerJson, 'tokenizer.json'),
		parseJson(tokenizerConfig, 'tokenizer_config.json'),
	);
	const { vocabularySize } = tokenizer;
	claim(Number.isSafeInteger(vocabularySize), 'its size is no whole number');
	for (const text of texts) {
		const ids = tokenizer.encode(text, { special: true });
		const wrong = ids.find((id) => !(id >= 0 && id < vocabularySize));
		claim(wrong === undefined, `an id is ${wrong}`);
		const decoded: unknown = tokenizer.decode(ids);
		claim(typeof decoded === 'string', 'what it decodes is no text');
	}
	for (const id of [tokenizer.bosTokenId, tokenizer.eosTokenId])
		claim(id === null || Number.isSafeInteger(id), `a special token is ${id}`);
}

const named = { bos_token: '<s>', eos_token: { content: '</s>' }, unk_token: '<unk>' };

export const tokenizerJson: Target = {
	name: 'tokenizer',
	seeds: () => [llama, gpt, unigram, wordPiece].map(jsonBytes),
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators, ...jsonMutators],
	read: async (bytes) => {
		await Promise.resolve();
		use(bytes, jsonBytes(named));
	},
};

export const tokenizerConfig: Target = {
	name: 'tokenizer-config',
	seeds: () => [
		jsonBytes({ ...named, add_bos_token: true, add_eos_token: false, legacy: true }),
		jsonBytes({ added_tokens_decoder: { 1: special('<s>', 1) }, model_max_length: 1e30 }),
	],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	read: async (bytes) => {
		await Promise.resolve();
		use(jsonBytes(llama), bytes);
	},
};

const every = [llama, gpt, unigram, wordPiece].map((file) => createTokenizer(file, named));

/** Texts as `lab tokenize` reads them, a line each, under a tokenizer that their length draws. */
export const tokenizedTexts: Target = {
	name: 'tokenized-texts',
	seeds: () => [utf8(texts.join('\n')), utf8('ab\r\n<s>ab</s> e\u0301\n▁ab 12')],
	mutators: [...byteMutators, ...textMutators],
	read: async (bytes) => {
		await Promise.resolve();
		const tokenizer = every[bytes.length % every.length];
		for (const line of new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)) {
			const ids = tokenizer?.encode(line, { special: true }) ?? [];
			claim(!ids.some((id) => tokenizer?.pieceOf(id) === null), 'a token has no piece');
			claim(typeof tokenizer?.decode(ids) === 'string', 'what it decodes is no text');
		}
	},
};
