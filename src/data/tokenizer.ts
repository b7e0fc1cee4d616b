/** Text <-> token ids, from a `tokenizer.json`; `tokenizer/README.md` says what is understood and what is refused. */
import { namedError } from '../contract/errors.ts';
import { encodeSections } from './tokenizer/encoding.ts';
import { readParts } from './tokenizer/parts.ts';

/** What prompts, rows and answers need of a tokenizer. */
export interface TextTokenizer {
	/** Largest id + 1, added tokens included. */
	readonly vocabularySize: number;
	readonly bosTokenId: number | null;
	readonly eosTokenId: number | null;
	/** Id of a token as the vocabulary spells it (`▁cat`, `Ġcat`, `<0xE4>`); null where there is none. */
	idOf(token: string): number | null;
	/**
	 * `special`: behind what the tokenizer puts in front of a text, e.g. the begin-of-sequence token: once, also where
	 * the text begins with it. Nothing is ever put behind: what ends a text is for the caller to say. Special tokens in
	 * the text itself are recognised either way.
	 */
	encode(text: string, options: { readonly special: boolean }): number[];
	/** Special tokens are left out, and ids that have no token (of a padded vocabulary). */
	decode(ids: readonly number[]): string;
}

/** A tokenizer as its files have it. */
export interface FileTokenizer extends TextTokenizer {
	/** Largest id + 1 of what the model itself makes of texts, added tokens not included. */
	readonly modelVocabularySize: number;
	/** The token of an id as the vocabulary spells it; null where there is none. */
	pieceOf(id: number): string | null;
	/** With what the tokenizer puts in front of a text and behind it, whatever the text itself holds. */
	encodeEnclosed(text: string): number[];
}

/**
 * Builds a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json` (`{}` where absent).
 * Throws `BadInput` naming part, option and value where one is malformed, not known or not supported.
 */
export function createTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): FileTokenizer {
	const parts = readParts(tokenizerJson, tokenizerConfig);
	const { model, added, ends, decode, bosTokenId, eosTokenId, idOf } = parts;
	const pieces = new Map<number, string>();
	for (const [piece, id] of model.vocabulary) pieces.set(id, piece);
	// A token that is found in the normalised text comes back as it is spelled there.
	for (const [id, { content, normalized }] of added.byId)
		pieces.set(id, normalized ? parts.normalize(content) : content);
	const encode = (text: string) => encodeSections(parts, text).flatMap(({ ids }) => ids);
	return {
		vocabularySize: sizeOf(pieces.keys()),
		modelVocabularySize: sizeOf(model.vocabulary.values()),
		bosTokenId,
		eosTokenId,
		idOf,
		pieceOf: (id) => pieces.get(id) ?? null,
		encode(text, { special }) {
			const ids = encode(text);
			const begins = ends.before.every((id, index) => ids[index] === id);
			return special && !begins ? [...ends.before, ...ids] : ids;
		},
		encodeEnclosed: (text) => [...ends.before, ...encode(text), ...ends.after],
		decode(ids) {
			const read = ids
				.map((id) => pieces.get(id))
				.filter((piece) => piece !== undefined && !added.special.has(piece))
				.map(String);
			return decode === null ? read.join(' ') : decode(read).join('');
		},
	};
}

const sizeOf = (ids: Iterable<number>): number => {
	let largest = -1;
	for (const id of ids) largest = Math.max(largest, id);
	return largest + 1;
};

/** Vocabularies are padded to round sizes (Qwen2.5: 151,665 of 151,936), never by this much. */
const smallestShare = 0.9;

/**
 * A tokenizer for a model of `modelVocabulary` tokens, whose `encode` functions throw `BadInput` naming a token that the
 * model lacks: one that was added behind its vocabulary and occurs in a text. Throws `BadInput` naming both sizes where
 * the tokenizer cannot belong to the model.
 */
export function fitTokenizer(tokenizer: FileTokenizer, modelVocabulary: number): FileTokenizer {
	const { vocabularySize, modelVocabularySize } = tokenizer;
	if (modelVocabularySize > modelVocabulary || vocabularySize < smallestShare * modelVocabulary) {
		const size = Math.max(modelVocabularySize, Math.min(vocabularySize, modelVocabulary));
		throw badTokenizer(
			`has ${size} tokens, the model's vocabulary ${modelVocabulary}: it is the wrong tokenizer for this ` +
				'model; take tokenizer.json and weights from the same folder',
		);
	}
	const fit = (ids: number[], text: string): number[] => {
		const outside = ids.find((id) => id >= modelVocabulary);
		if (outside === undefined) return ids;
		const piece = tokenizer.pieceOf(outside) ?? '';
		throw badTokenizer(
			`makes token ${outside} ("${piece}") of "${text.slice(0, 40)}", and the model's vocabulary ends at ` +
				`${modelVocabulary - 1}: take "${piece}" out of the text, or a model that has it`,
		);
	};
	if (vocabularySize <= modelVocabulary) return tokenizer;
	const fitted: FileTokenizer = {
		...tokenizer,
		encode: (text, options) => fit(tokenizer.encode(text, options), text),
		encodeEnclosed: (text) => fit(tokenizer.encodeEnclosed(text), text),
	};
	// What begins every text must be known now, not at the first of them.
	fitted.encode('', { special: true });
	return fitted;
}

function badTokenizer(problem: string): Error {
	return namedError('BadInput', `tokenizer.json ${problem}`);
}
