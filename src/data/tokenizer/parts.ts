/** The parts of a tokenizer as its files name them. */
import * as v from 'valibot';
import { type AddedTokens, AddedTokenSchema, createAddedTokens } from './addedTokens.ts';
import {
	checkAgreement,
	configTokens,
	contentOf,
	readConfig,
	type TokenizerConfig,
} from './config.ts';
import { type Decoder, makeDecoder } from './decoders.ts';
import { makeModel, type Model } from './models.ts';
import { makeNormalizer, type Normalizer } from './normalizers.ts';
import { check, isRecord, type Make, refuse } from './part.ts';
import { type Ends, makeEnds, noEnds } from './postProcessors.ts';
import { makePreTokenizer, type PreTokenizer } from './preTokenizers.ts';

export interface TokenizerParts {
	readonly normalize: Normalizer;
	readonly cut: PreTokenizer;
	readonly model: Model;
	readonly added: AddedTokens;
	readonly ends: Ends;
	/** null: pieces are joined by spaces. */
	readonly decode: Decoder | null;
	readonly bosTokenId: number | null;
	readonly eosTokenId: number | null;
	readonly idOf: (token: string) => number | null;
}

const part = v.nullish(v.unknown(), null);

const FileSchema = v.strictObject({
	version: v.nullish(v.string()),
	// As by transformers, texts are cut and padded only where that is asked for.
	truncation: part,
	padding: part,
	added_tokens: v.nullish(v.array(AddedTokenSchema), []),
	normalizer: part,
	pre_tokenizer: part,
	post_processor: part,
	decoder: part,
	model: v.unknown(),
});

/** Throws `BadInput` naming file, part, option and value where one is malformed, not known or not supported. */
export function readParts(tokenizerJson: unknown, tokenizerConfig: unknown): TokenizerParts {
	if (!isRecord(tokenizerJson))
		throw refuse('the file', 'it holds no object of a tokenizer; is it the right one?');
	const file = check(FileSchema, tokenizerJson, 'the file');
	const config = readConfig(tokenizerConfig);
	checkAgreement(config, file);
	const made = <Part>(
		key: 'normalizer' | 'pre_tokenizer' | 'post_processor' | 'decoder',
		make: Make<Part>,
	) => (file[key] === null ? null : make(file[key], key));
	const normalize = made('normalizer', makeNormalizer) ?? ((text) => text);
	const model = makeModel(file.model, 'model');
	const { added_tokens: tokens } = file;
	const later = configTokens(config, tokens);
	const added = createAddedTokens(tokens, later, model.vocabulary, normalize);
	const idOf = (token: string) => added.ids.get(token) ?? model.vocabulary.get(token) ?? null;
	const named = (token: TokenizerConfig['bos_token']) =>
		token === null ? null : idOf(contentOf(token));
	const ends = made('post_processor', makeEnds) ?? noEnds;
	checkEnds(ends, new Set([...model.vocabulary.values(), ...added.byId.keys()]));
	const bosTokenId = named(config.bos_token);
	const eosTokenId = named(config.eos_token);
	return {
		normalize,
		cut: made('pre_tokenizer', makePreTokenizer) ?? ((token) => [token]),
		model,
		added,
		ends,
		decode: made('decoder', makeDecoder),
		bosTokenId,
		eosTokenId,
		idOf,
	};
}

/** Ids of a post-processor are put around texts as they are, also where no token has them: models have no row for those. */
function checkEnds({ before, after }: Ends, known: ReadonlySet<number>): void {
	const odd = [...before, ...after].find((id) => !known.has(id));
	if (odd === undefined) return;
	throw refuse('post_processor', `it puts token ${odd} around texts, which is in no vocabulary`);
}
