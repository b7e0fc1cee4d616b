/** Where a text ends: the tokens that configuration, generation configuration and tokenizer name, and where they differ. */
import * as v from 'valibot';
import type { ModelConfig } from '../contract/model.ts';
import type { TextFiles } from './textFiles.ts';

export interface EndTokens {
	/** All that can occur: those of `config.json`, of `generation_config.json`, then the tokenizer's. */
	readonly ids: readonly number[];
	/** Sentences on what the files say differently. */
	readonly notes: readonly string[];
}

const id = v.pipe(v.number(), v.integer());
const StatedSchema = v.object({
	bos_token_id: v.fallback(v.nullish(id), null),
	eos_token_id: v.fallback(v.nullish(v.union([id, v.array(id)])), null),
});

interface Stated {
	readonly file: string;
	readonly bos: number | null;
	/** Empty: the file names none. */
	readonly eos: readonly number[];
}

/** `config`: of `configJson`, with the family's default where no file names an end token. */
export function resolveEndTokens(
	config: ModelConfig,
	configJson: unknown,
	text: TextFiles,
): EndTokens {
	const model = stated(configJson, 'config.json');
	const generation = stated(text.generationConfig, 'generation_config.json');
	const tokenizer = statedByTokenizer(text);
	const named = [...new Set([model, generation, tokenizer].flatMap(({ eos }) => eos))];
	const occurs = (token: number) => token >= 0 && token < config.vocabularySize;
	return {
		ids: named.length === 0 ? config.eosTokenIds : named.filter(occurs),
		notes: [
			...tokenizer.notes,
			...differences(model, generation, tokenizer),
			...neverOccur(
				named.filter((token) => !occurs(token)),
				config,
			),
		],
	};
}

/** Tokens that are named one by one; of more the number is told. */
const mostNamed = 8;

function listed(tokens: readonly number[]): string {
	const more = tokens.length - mostNamed;
	return tokens.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function neverOccur(tokens: readonly number[], { vocabularySize }: ModelConfig): string[] {
	if (tokens.length > mostNamed)
		return [
			`The end tokens ${listed(tokens)} are outside the vocabulary of ${vocabularySize} and never occur.`,
		];
	return tokens.map(
		(token) =>
			`The end token ${token} is outside the vocabulary of ${vocabularySize} and never occurs.`,
	);
}

function stated(json: unknown, file: string): Stated {
	const parsed = v.safeParse(StatedSchema, json);
	if (!parsed.success) return { file, bos: null, eos: [] };
	const { bos_token_id: bos, eos_token_id: eos } = parsed.output;
	return { file, bos: bos ?? null, eos: typeof eos === 'number' ? [eos] : (eos ?? []) };
}

/** The tokenizer's begin and end tokens as ids. */
function statedByTokenizer({ tokenizerConfig, tokenizerJson }: TextFiles) {
	const notes: string[] = [];
	const idOf = (key: 'bos_token' | 'eos_token'): number | null => {
		const token = tokenText(tokenizerConfig, key);
		if (token === null || tokenizerJson === null) return null;
		const found = tokenId(tokenizerJson, token);
		if (found === null)
			notes.push(
				`tokenizer_config.json names ${JSON.stringify(token)} as "${key}", which tokenizer.json does not have; it is not used.`,
			);
		return found;
	};
	const bos = idOf('bos_token');
	const eos = idOf('eos_token');
	return { file: 'tokenizer_config.json', bos, eos: eos === null ? [] : [eos], notes };
}

const TokenSchema = v.union([v.string(), v.looseObject({ content: v.string() })]);

function tokenText(config: unknown, key: string): string | null {
	if (typeof config !== 'object' || config === null || !Object.hasOwn(config, key)) return null;
	const token = v.safeParse(TokenSchema, (config as Readonly<Record<string, unknown>>)[key]);
	if (!token.success) return null;
	return typeof token.output === 'string' ? token.output : token.output.content;
}

const AddedSchema = v.looseObject({
	added_tokens: v.fallback(v.array(v.unknown()), []),
	model: v.fallback(v.looseObject({ vocab: v.optional(v.unknown()) }), {}),
});
const AddedTokenSchema = v.looseObject({ id, content: v.string() });

/** Of a token as `tokenizer.json` spells it: among the added tokens, else in the vocabulary (BPE, WordPiece, Unigram). */
function tokenId(tokenizerJson: unknown, token: string): number | null {
	const parsed = v.safeParse(AddedSchema, tokenizerJson);
	if (!parsed.success) return null;
	const { added_tokens: added, model } = parsed.output;
	for (const entry of added) {
		const known = v.safeParse(AddedTokenSchema, entry);
		if (known.success && known.output.content === token) return known.output.id;
	}
	const vocabulary: unknown = model.vocab;
	if (Array.isArray(vocabulary)) {
		const at = vocabulary.findIndex((entry) => Array.isArray(entry) && entry[0] === token);
		return at < 0 ? null : at;
	}
	if (typeof vocabulary !== 'object' || vocabulary === null) return null;
	if (!Object.hasOwn(vocabulary, token)) return null;
	const found = v.safeParse(id, (vocabulary as Readonly<Record<string, unknown>>)[token]);
	return found.success ? found.output : null;
}

function differences(model: Stated, generation: Stated, tokenizer: Stated): string[] {
	const notes: string[] = [];
	for (const other of [generation, tokenizer]) {
		const further = other.eos.filter((token) => !model.eos.includes(token));
		if (further.length === 0 || model.eos.length === 0) continue;
		const rows = other === tokenizer ? ` Rows of data end with the tokenizer's.` : '';
		notes.push(
			`End tokens: ${model.file} names ${listed(model.eos)}, ${other.file} ${listed(further)}; a text ends at any of them.${rows}`,
		);
	}
	if (model.bos !== null && tokenizer.bos !== null && model.bos !== tokenizer.bos)
		notes.push(
			`Begin token: ${model.file} names ${model.bos}, ${tokenizer.file} ${tokenizer.bos}; what the tokenizer writes counts.`,
		);
	return notes;
}
