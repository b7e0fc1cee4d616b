/** Tokens beside the model's vocabulary, found in a text before it is normalised or after. */
import * as v from 'valibot';
import { whiteSpace, wordCharacters } from './unicode.ts';
import { IdSchema } from './vocabulary.ts';

export const AddedTokenSchema = v.strictObject({
	id: IdSchema,
	content: v.string(),
	single_word: v.optional(v.boolean(), false),
	lstrip: v.optional(v.boolean(), false),
	rstrip: v.optional(v.boolean(), false),
	normalized: v.optional(v.boolean(), true),
	special: v.optional(v.boolean(), false),
});
export type AddedToken = Omit<v.InferOutput<typeof AddedTokenSchema>, 'id'>;

/** A part of a text: as it is, or a token by its id. */
export type Section = { readonly text: string; readonly start: number; readonly id: number | null };

export interface AddedTokens {
	/** By id. */
	readonly byId: ReadonlyMap<number, AddedToken>;
	readonly ids: ReadonlyMap<string, number>;
	/** Contents that decoding leaves out. */
	readonly special: ReadonlySet<string>;
	/** Cuts a text as it came at the tokens that are found there. */
	findRaw(text: string): Section[];
	/** Cuts a normalised text at the tokens that are found there. */
	findNormalized(text: string): Section[];
}

/**
 * Ids are given as Hugging Face's tokenizers give them, whatever the file says: what the vocabulary has keeps its id,
 * everything else is counted on from the vocabulary's size. `later` tokens, which a configuration adds, come behind the
 * largest id of `tokens`, too: in a vocabulary with holes that may be one of its own.
 */
export function createAddedTokens(
	tokens: readonly AddedToken[],
	later: readonly AddedToken[],
	vocabulary: ReadonlyMap<string, number>,
	normalize: (text: string) => string,
): AddedTokens {
	const byId = new Map<number, AddedToken>();
	const ids = new Map<string, number>();
	let largest = vocabulary.size - 1;
	for (const added of [tokens, later]) {
		let next = largest + 1;
		for (const token of added) {
			if (token.content === '') continue;
			const id = ids.get(token.content) ?? vocabulary.get(token.content) ?? next++;
			ids.set(token.content, id);
			byId.set(id, token);
			largest = Math.max(largest, id);
		}
	}
	const flags = [...byId].map(([id, token]) => ({ ...token, id }));
	const finder = (normalized: boolean) =>
		createFinder(
			flags.filter((token) => token.normalized === normalized),
			normalized ? normalize : (text) => text,
		);
	return {
		byId,
		ids,
		special: new Set(
			[...tokens, ...later].filter(({ special }) => special).map(({ content }) => content),
		),
		findRaw: finder(false),
		findNormalized: finder(true),
	};
}

const endOfWord = new RegExp(`(?<=[${wordCharacters}])`, 'uy');
const startOfWord = new RegExp(`[${wordCharacters}]`, 'uy');
const isSpace = new RegExp(whiteSpace, 'u');

/** The longest token at the first place where there is one; then on behind it. */
function createFinder(
	tokens: readonly (AddedToken & { readonly id: number })[],
	normalize: (text: string) => string,
): (text: string) => Section[] {
	const spelled = new Map(tokens.map((token) => [normalize(token.content), token]));
	const find = createMatcher([...spelled.keys()]);
	return (text) => {
		const sections: Section[] = [];
		let done = 0;
		const add = (end: number) => {
			if (end > done) sections.push({ text: text.slice(done, end), start: done, id: null });
		};
		for (const [found, content] of find(text)) {
			const token = spelled.get(content);
			let [start, end] = [found, found + content.length];
			const inWord = () => matchesAt(endOfWord, text, start) || matchesAt(startOfWord, text, end);
			if (token === undefined || (token.single_word && inWord())) continue;
			while (token.lstrip && start > done && isSpace.test(text.charAt(start - 1))) start--;
			while (token.rstrip && isSpace.test(text.charAt(end))) end++;
			add(start);
			sections.push({ text: text.slice(start, end), start, id: token.id });
			done = end;
		}
		add(text.length);
		return sections;
	};
}

function matchesAt(sticky: RegExp, text: string, index: number): boolean {
	sticky.lastIndex = index;
	return sticky.test(text);
}

/** Matches from left to right, none over another, of contents the longest: `[index, content]`. */
function createMatcher(contents: readonly string[]): (text: string) => Iterable<[number, string]> {
	const known = new Set(contents);
	const lengths = new Map<string, number[]>();
	for (const content of contents) {
		const those = lengths.get(content.charAt(0)) ?? [];
		if (!those.includes(content.length)) those.push(content.length);
		lengths.set(content.charAt(0), those);
	}
	for (const those of lengths.values()) those.sort((a, b) => b - a);
	return function* (text) {
		for (let index = 0; index < text.length;) {
			const length = lengths
				.get(text.charAt(index))
				?.find((one) => known.has(text.slice(index, index + one)));
			if (length !== undefined) yield [index, text.slice(index, index + length)];
			index += length ?? 1;
		}
	};
}
