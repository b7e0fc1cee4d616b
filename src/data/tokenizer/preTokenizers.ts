/** Pre-tokenizers: a text -> the texts that the model takes one by one. This table is the list of those that are known. */
import * as v from 'valibot';
import { choose, kind, type Make, refuse } from './part.ts';
import { compilePattern, PatternSchema } from './pattern.ts';
import { type Behavior, BehaviorSchema, split } from './split.ts';
import { byteLevel, punctuation, whiteSpace, wordCharacters } from './unicode.ts';

export interface PreToken {
	readonly text: string;
	/** Whether it is the beginning of the whole text. */
	readonly first: boolean;
}
export type PreTokenizer = (token: PreToken) => PreToken[];

const metaspace = {
	replacement: v.pipe(v.string(), v.regex(/^.$/u)),
	prepend_scheme: v.optional(v.picklist(['always', 'first', 'never']), 'always'),
	split: v.optional(v.boolean(), true),
	/** Older files; others are refused, as by Hugging Face's tokenizers. */
	add_prefix_space: v.optional(v.boolean(), true),
	str_rep: v.optional(v.string()),
};

const words = new RegExp(`[${wordCharacters}]+|[^${wordCharacters}${whiteSpace}]+`, 'gu');
const spaces = new RegExp(`${whiteSpace}+`, 'gu');
const digit = /\p{N}/gu;
/** GPT-2's own, with Oniguruma's `\s`. */
const byteLevelWords = new RegExp(
	`'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${whiteSpace}\\p{L}\\p{N}]+|${whiteSpace}+(?!\\P{White_Space})|${whiteSpace}+`,
	'gu',
);

const preTokenizers: Readonly<Record<string, Make<PreTokenizer>>> = {
	Sequence: kind({ pretokenizers: v.array(v.unknown()) }, ({ pretokenizers: all }, path) => {
		const made = all.map((one, index) => makePreTokenizer(one, `${path}.pretokenizers[${index}]`));
		return (token) => made.reduce((tokens, cut) => tokens.flatMap(cut), [token]);
	}),
	Split: kind(
		{ pattern: PatternSchema, behavior: BehaviorSchema, invert: v.optional(v.boolean(), false) },
		({ pattern, behavior, invert }, path) =>
			cutting(compilePattern(pattern, path), behavior, invert),
	),
	CharDelimiterSplit: kind(
		{ delimiter: v.pipe(v.string(), v.regex(/^.$/u)) },
		({ delimiter }, path) => cutting(compilePattern({ String: delimiter }, path), 'Removed'),
	),
	Whitespace: kind({}, () => cutting(words, 'Removed', true)),
	WhitespaceSplit: kind({}, () => cutting(spaces, 'Removed')),
	BertPreTokenizer: kind({}, () => {
		const [cutSpaces, cutMarks] = [cutting(spaces, 'Removed'), cutting(punctuation, 'Isolated')];
		return (token) => cutSpaces(token).flatMap(cutMarks);
	}),
	Punctuation: kind({ behavior: v.optional(BehaviorSchema, 'Isolated') }, ({ behavior }) =>
		cutting(punctuation, behavior),
	),
	Digits: kind({ individual_digits: v.boolean() }, ({ individual_digits: individual }) =>
		cutting(digit, individual ? 'Isolated' : 'Contiguous'),
	),
	ByteLevel: kind(
		{
			add_prefix_space: v.boolean(),
			use_regex: v.optional(v.boolean(), true),
			// Changes only where tokens are said to stand in the text.
			trim_offsets: v.optional(v.boolean()),
		},
		({ add_prefix_space: prefix, use_regex: cuts }) => {
			const cut = cuts ? cutting(byteLevelWords, 'Isolated') : (token: PreToken) => [token];
			return ({ text, first }) =>
				cut({ text: prefix && !text.startsWith(' ') ? ` ${text}` : text, first }).map((one) => ({
					...one,
					text: byteLevel(one.text),
				}));
		},
	),
	Metaspace: kind(metaspace, (options, path) => {
		const { replacement, prepend_scheme: scheme } = options;
		if (!options.add_prefix_space && scheme !== 'never')
			throw refuse(path, '"add_prefix_space" is false, though "prepend_scheme" is not "never"');
		const marks = compilePattern({ String: replacement }, path);
		const cut = options.split ? cutting(marks, 'MergedWithNext') : (token: PreToken) => [token];
		return ({ text, first }) => {
			const marked = text.replaceAll(' ', () => replacement);
			const prepends = scheme === 'always' || (scheme === 'first' && first);
			const lacks = prepends && !marked.startsWith(replacement);
			return cut({ text: lacks ? replacement + marked : marked, first });
		};
	}),
};

function cutting(pattern: RegExp, behavior: Behavior, inverted = false): PreTokenizer {
	return ({ text, first }) =>
		split(text, pattern, behavior, inverted).map(({ start, end }) => ({
			text: text.slice(start, end),
			first: first && start === 0,
		}));
}

/** The pre-tokenizer that tokenizer.json names. Throws `BadInput` naming what is not known. */
export const makePreTokenizer: Make<PreTokenizer> = (value, path) =>
	choose(preTokenizers, value, path);
