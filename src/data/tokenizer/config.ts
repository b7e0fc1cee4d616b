/**
 * What of `tokenizer_config.json` changes how a text is encoded, as transformers 5 reads it. Other keys do not: of
 * `add_bos_token` and `add_eos_token` the post-processor of tokenizer.json has the say.
 */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';
import type { AddedToken } from './addedTokens.ts';
import { isRecord } from './part.ts';

const TokenSchema = v.union([
	v.string(),
	v.looseObject({
		content: v.string(),
		single_word: v.optional(v.boolean(), false),
		lstrip: v.optional(v.boolean(), false),
		rstrip: v.optional(v.boolean(), false),
		normalized: v.optional(v.boolean(), false),
		special: v.optional(v.boolean(), true),
	}),
]);
type Token = v.InferOutput<typeof TokenSchema>;

const token = v.nullish(TokenSchema, null);
const flag = v.nullish(v.boolean(), null);
const unsupported = (value: boolean) => v.nullish(v.literal(value));

const ConfigSchema = v.looseObject({
	bos_token: token,
	eos_token: token,
	unk_token: token,
	sep_token: token,
	pad_token: token,
	cls_token: token,
	mask_token: token,
	additional_special_tokens: v.nullish(v.array(TokenSchema), []),
	extra_special_tokens: v.nullish(
		v.union([v.array(TokenSchema), v.record(v.string(), TokenSchema)]),
		[],
	),
	added_tokens_decoder: v.nullish(v.record(v.string(), TokenSchema), {}),
	add_prefix_space: flag,
	do_lower_case: flag,
	strip_accents: flag,
	tokenize_chinese_chars: flag,
	split_special_tokens: unsupported(false),
	fix_mistral_regex: unsupported(false),
	// Changes decoding only, and only in transformers; texts come back here as the decoder gives them.
	clean_up_tokenization_spaces: flag,
});
export type TokenizerConfig = v.InferOutput<typeof ConfigSchema>;

/** Throws `BadInput` naming key and value where one is malformed or not supported. */
export function readConfig(value: unknown): TokenizerConfig {
	const config = v.safeParse(ConfigSchema, value);
	if (config.success) return config.output;
	const [issue] = config.issues;
	const key = v.getDotPath(issue);
	throw badConfig(`${key === null ? '' : `"${key}": `}${issue.message}`);
}

export const contentOf = (token: Token): string =>
	typeof token === 'string' ? token : token.content;

/** Tokens that the configuration names beside those of tokenizer.json. */
export function configTokens(config: TokenizerConfig, inFile: readonly AddedToken[]): AddedToken[] {
	const same = new Set(inFile.map(spelled));
	// Whole numbers are keys in ascending order, whatever the order of the file.
	const listed = Object.values(config.added_tokens_decoder)
		.map((one) => asAdded(one, false))
		.filter((one) => !same.has(spelled(one)));
	const known = new Set([...inFile, ...listed].map(({ content }) => content));
	const { extra_special_tokens: extra } = config;
	const named = [
		config.bos_token,
		config.eos_token,
		config.unk_token,
		config.sep_token,
		config.pad_token,
		config.cls_token,
		config.mask_token,
		...config.additional_special_tokens,
		...(Array.isArray(extra) ? extra : Object.values(extra)),
	].filter((one) => one !== null);
	return [
		...listed,
		...named.map((one) => asAdded(one, true)).filter(({ content }) => !known.has(content)),
	];
}

function asAdded(token: Token, special: boolean): AddedToken {
	const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
	if (typeof token === 'string') return { content: token, ...plain, special: true };
	const { content, single_word, lstrip, rstrip, normalized } = token;
	return { content, single_word, lstrip, rstrip, normalized, special: special || token.special };
}

/** A token with all its flags, to compare. */
const spelled = ({ content, ...flags }: AddedToken): string =>
	JSON.stringify([
		content,
		flags.single_word,
		flags.lstrip,
		flags.rstrip,
		flags.normalized,
		flags.special,
	]);

/** Keys that say again what tokenizer.json holds. Throws `BadInput` where they say something else. */
export function checkAgreement(config: TokenizerConfig, file: Record<string, unknown>): void {
	const { normalizer, pre_tokenizer: preTokenizer } = file;
	const said = (part: unknown, type: string, key: string): unknown =>
		isRecord(part) && part['type'] === type ? part[key] : undefined;
	const pairs = [
		['add_prefix_space', said(preTokenizer, 'ByteLevel', 'add_prefix_space')],
		['do_lower_case', said(normalizer, 'BertNormalizer', 'lowercase')],
		['strip_accents', said(normalizer, 'BertNormalizer', 'strip_accents')],
		['tokenize_chinese_chars', said(normalizer, 'BertNormalizer', 'handle_chinese_chars')],
	] as const;
	for (const [key, inFile] of pairs) {
		const own = config[key];
		if (own === null || (inFile ?? own) === own) continue;
		throw badConfig(
			`"${key}" is ${own}, and tokenizer.json has ${JSON.stringify(inFile)}; make them the same`,
		);
	}
	const prefixed = prefixes(normalizer, preTokenizer);
	if (config.add_prefix_space === false && prefixed)
		throw badConfig(
			'"add_prefix_space" is false, and tokenizer.json puts ▁ in front; make them the same',
		);
}

/** Whether tokenizer.json puts a mark of a space in front of a text. */
function prefixes(normalizer: unknown, preTokenizer: unknown): boolean {
	const inside =
		isRecord(normalizer) && Array.isArray(normalizer['normalizers'])
			? normalizer['normalizers']
			: [normalizer];
	const prepends = inside.some((one: unknown) => isRecord(one) && one['type'] === 'Prepend');
	const isMetaspace = isRecord(preTokenizer) && preTokenizer['type'] === 'Metaspace';
	return prepends || (isMetaspace && preTokenizer['prepend_scheme'] !== 'never');
}

function badConfig(problem: string): Error {
	return namedError('BadInput', `tokenizer_config.json: ${problem}`);
}
