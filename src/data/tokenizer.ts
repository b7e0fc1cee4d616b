/** Text <-> token ids, from a `tokenizer.json`, by `@huggingface/tokenizers`. */
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { namedError } from '../contract/errors.ts';

export interface TextTokenizer {
	/** Largest id + 1, added tokens included. */
	readonly vocabularySize: number;
	readonly bosTokenId: number | null;
	readonly eosTokenId: number | null;
	/** Id of a token as the vocabulary spells it (`▁cat`, `Ġcat`, `<0xE4>`); null where there is none. */
	idOf(token: string): number | null;
	/** `special`: adds what the tokenizer adds around a text, e.g. the begin-of-sequence token. */
	encode(text: string, options: { readonly special: boolean }): number[];
	/** A text that a chat template wrote: special tokens in it are recognised, and none is added. */
	encodeTemplated(text: string): number[];
	/** Special tokens are left out. */
	decode(ids: readonly number[]): string;
}

const FileSchema = v.looseObject({
	// Old files leave the type out; the library then infers it.
	model: v.looseObject({ type: v.nullish(v.picklist(['BPE', 'Unigram', 'WordPiece'])) }),
	added_tokens: v.nullish(v.array(v.unknown()), []),
});

const tokenName = v.nullish(v.union([v.string(), v.looseObject({ content: v.string() })]));
const ConfigSchema = v.looseObject({ bos_token: tokenName, eos_token: tokenName });

/** The library asks for these keys even where they are null. */
const parts = { decoder: null, post_processor: null, pre_tokenizer: null, normalizer: null };

/**
 * Builds a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json` (`{}` where absent).
 * Throws `BadInput` where one is malformed or of a kind that is not supported.
 */
export function createTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): TextTokenizer {
	const file = v.safeParse(FileSchema, tokenizerJson);
	if (!file.success) throw malformed('tokenizer.json', file.issues[0]);
	const config = v.safeParse(ConfigSchema, tokenizerConfig);
	if (!config.success) throw malformed('tokenizer_config.json', config.issues[0]);
	const tokenizer = build({ ...parts, ...file.output }, config.output);
	let largest = -1;
	for (const id of tokenizer.get_vocab(true).values()) largest = Math.max(largest, id);
	const idOf = (token: string): number | null => tokenizer.token_to_id(token) ?? null;
	const namedId = (token: v.InferOutput<typeof tokenName>): number | null => {
		if (token === null || token === undefined) return null;
		return idOf(typeof token === 'string' ? token : token.content);
	};
	const encode = (text: string, special: boolean): number[] => {
		const { ids } = tokenizer.encode(text, { add_special_tokens: special });
		// The library yields undefined where even the unknown token is not in the vocabulary.
		if (!ids.every(Number.isInteger)) {
			throw badTokenizer(`has no token for part of "${text.slice(0, 40)}" and no unknown token`);
		}
		return ids;
	};
	return {
		vocabularySize: largest + 1,
		bosTokenId: namedId(config.output.bos_token),
		eosTokenId: namedId(config.output.eos_token),
		idOf,
		encode: (text, { special }) => encode(text, special),
		encodeTemplated: (text) => encode(text, false),
		decode(ids) {
			if (ids.length === 0) return '';
			// The clean-up is on by default in the library; it would change " ." to ".".
			const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
			return tokenizer.decode([...ids], options);
		},
	};
}

/** Vocabularies are padded to round sizes (Qwen2.5: 151,665 of 151,936), never by this much. */
const smallestShare = 0.9;

/** Throws `BadInput` naming both sizes where the tokenizer cannot belong to a model of `modelVocabulary` tokens. */
export function checkVocabulary(tokenizer: TextTokenizer, modelVocabulary: number): void {
	const size = tokenizer.vocabularySize;
	if (size <= modelVocabulary && size >= smallestShare * modelVocabulary) return;
	throw badTokenizer(
		`has ${size} tokens, the model's vocabulary ${modelVocabulary}: it is the wrong tokenizer for this ` +
			'model; take tokenizer.json and weights from the same folder',
	);
}

function build(file: object, config: object): Tokenizer {
	try {
		return new Tokenizer(file, config);
	} catch (error) {
		throw badTokenizer(
			`cannot be used (${error instanceof Error ? error.message : String(error)}); ` +
				'download it again or take a tokenizer of type BPE, Unigram or WordPiece',
		);
	}
}

function badTokenizer(problem: string): Error {
	return namedError('BadInput', `tokenizer.json ${problem}`);
}

function malformed(file: string, issue: v.BaseIssue<unknown>): Error {
	const key = v.getDotPath(issue);
	return namedError(
		'BadInput',
		`${file}: ${key === null ? '' : `"${key}": `}${issue.message}; download it again`,
	);
}
