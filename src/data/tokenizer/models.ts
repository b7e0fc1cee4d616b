/** Models: a pre-tokenised text -> ids. This table is the list of those that are known. */
import { BPE, WordPiece } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { choose, isRecord, kind, type Make, refuse } from './part.ts';
import { createUnigram, pieceOf } from './unigram.ts';
import { IdSchema, readMerges, readVocabulary } from './vocabulary.ts';

export interface Model {
	/** Piece -> id. */
	readonly vocabulary: ReadonlyMap<string, number>;
	/** Ids of one pre-tokenised text; null where a part of it has no token. */
	readonly encode: (text: string) => readonly number[] | null;
}

const bpe = {
	vocab: v.unknown(),
	merges: v.unknown(),
	unk_token: v.nullish(v.string(), null),
	fuse_unk: v.nullish(v.boolean(), false),
	byte_fallback: v.nullish(v.boolean(), false),
	ignore_merges: v.nullish(v.boolean(), false),
	end_of_word_suffix: v.nullish(v.string(), null),
	continuing_subword_prefix: v.nullish(v.literal(''), null),
	/** Merges left out by chance: never of a tokenizer that is used as it is. */
	dropout: v.nullish(v.literal(0), null),
};

const unigram = {
	vocab: v.array(v.tuple([v.string(), v.number()])),
	unk_id: v.nullish(IdSchema, null),
	byte_fallback: v.nullish(v.boolean(), false),
};

const wordPiece = {
	vocab: v.unknown(),
	unk_token: v.string(),
	continuing_subword_prefix: v.string(),
	max_input_chars_per_word: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
};

const models: Readonly<Record<string, Make<Model>>> = {
	BPE: kind(bpe, ({ vocab, merges, ...options }, path) => {
		const vocabulary = readVocabulary(vocab, path);
		const pairs = readMerges(merges, vocabulary, path);
		const missing = options.byte_fallback ? missingByte(vocabulary) : null;
		if (missing !== null)
			throw refuse(path, `"byte_fallback" is true, and "vocab" lacks ${pieceOf(missing)}`);
		const model = ofLibrary(
			new BPE({ type: 'BPE', vocab: {}, merges: pairs, ...options }),
			vocabulary,
		);
		if (options.unk_token !== null || options.byte_fallback) return model;
		if (options.end_of_word_suffix)
			throw refuse(path, '"end_of_word_suffix" is not supported without "unk_token"');
		return withoutUnknown(model, options.ignore_merges);
	}),
	WordPiece: kind(wordPiece, ({ vocab, ...options }, path) => {
		const vocabulary = readVocabulary(vocab, path);
		return ofLibrary(new WordPiece({ type: 'WordPiece', vocab: {}, ...options }), vocabulary);
	}),
	WordLevel: kind({ vocab: v.unknown(), unk_token: v.string() }, ({ vocab, unk_token }, path) => {
		const vocabulary = readVocabulary(vocab, path);
		return {
			vocabulary,
			encode(text) {
				const id = vocabulary.get(text) ?? vocabulary.get(unk_token);
				return id === undefined ? null : [id];
			},
		};
	}),
	Unigram: kind(unigram, ({ vocab, unk_id: unknown, byte_fallback: fallsBack }, path) => {
		if (unknown !== null && unknown >= vocab.length)
			throw refuse(path, `"unk_id" is ${unknown}, and there are ${vocab.length} pieces`);
		return createUnigram(vocab, unknown, fallsBack);
	}),
};

/** The first byte without a piece, in bytes or as the character of ASCII that it is. */
function missingByte(vocabulary: ReadonlyMap<string, number>): number | null {
	for (let byte = 0; byte < 256; byte++) {
		const itself = byte < 128 && vocabulary.has(String.fromCharCode(byte));
		if (!itself && !vocabulary.has(pieceOf(byte))) return byte;
	}
	return null;
}

/** Leaves characters without a token out before the rest is merged: the library would leave them out behind it. */
const withoutUnknown = ({ vocabulary, encode }: Model, whole: boolean | null): Model => ({
	vocabulary,
	encode(text) {
		const id = whole ? vocabulary.get(text) : undefined;
		if (id !== undefined) return [id];
		const known = Array.from(text).filter((character) => vocabulary.has(character));
		return encode(known.join(''));
	},
});

/** A model of the library, over a vocabulary that was read here: the library's own is an array as long as its largest id. */
function ofLibrary(model: BPE | WordPiece, vocabulary: ReadonlyMap<string, number>): Model {
	model.tokens_to_ids = new Map(vocabulary);
	const unknown = model.unk_token == null ? undefined : vocabulary.get(model.unk_token);
	if (unknown !== undefined) model.unk_token_id = unknown;
	return {
		vocabulary,
		encode(text) {
			// One at a time: the library would fuse unknown tokens across words.
			const ids = model([text]).map((piece) => vocabulary.get(piece));
			const known = ids.filter((id) => id !== undefined);
			return known.length === ids.length ? known : null;
		},
	};
}

/** The model that tokenizer.json names. Throws `BadInput` naming what is not known. */
export const makeModel: Make<Model> = (value, path) =>
	choose(
		models,
		isRecord(value) ? { ...value, type: value['type'] ?? typeOf(value) } : value,
		path,
	);

/** Old files leave the type out. */
function typeOf(model: Record<string, unknown>): string {
	if (Array.isArray(model['vocab'])) return 'Unigram';
	if ('merges' in model) return 'BPE';
	return 'max_input_chars_per_word' in model ? 'WordPiece' : 'WordLevel';
}
