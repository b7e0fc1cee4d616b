/** The demo's sub-word vocabulary: byte-pair encoding learnt from words of the known languages only. */

const specialTokens = ['<unk>', '<s>', '</s>'];

export interface TokenizerTraining {
	/** Words without spaces; repetitions count. */
	readonly words: readonly string[];
	/** Kept whole wherever they occur: tags, signs. */
	readonly wholeTokens: readonly string[];
	/** Characters that are in no word. */
	readonly characters: readonly string[];
	/** Number of tokens. */
	readonly size: number;
	/** Most letters of a piece. Short pieces are like syllables: words never met are made of few of them too. */
	readonly longest: number;
	/** Texts that must not become a single piece: the words that are yet to be learnt. */
	readonly refused: ReadonlySet<string>;
}

/**
 * Contents of a `tokenizer.json` of type BPE. Sennrich et al. 2016: starting from characters, the most frequent pair of
 * neighbouring pieces becomes a piece, until `size` is reached or no pair occurs twice. Ties go to the pair that is
 * first in code-unit order. A space is a piece of its own, so that a word is spelt alike wherever it stands. Throws
 * where `size` has no room for the characters.
 */
export function trainTokenizer(training: TokenizerTraining): Record<string, unknown> {
	const { words, wholeTokens, refused, size, longest } = training;
	const characters = new Set([
		...words.flatMap((word) => Array.from(word)),
		...training.characters,
	]);
	const vocabulary = new Set([...specialTokens, ...wholeTokens, ...[...characters].sort()]);
	if (vocabulary.size > size) {
		throw new Error(
			`a vocabulary of ${size} has no room for ${vocabulary.size} tokens; make it larger`,
		);
	}
	const merges: [string, string][] = [];
	const allowed = (piece: string) => !refused.has(piece) && piece.length <= longest;
	let spelt = words.map((word) => Array.from(word));
	while (vocabulary.size < size) {
		const pair = mostFrequentPair(spelt, allowed);
		if (pair === null) break;
		const [left, right] = pair;
		merges.push(pair);
		vocabulary.add(left + right);
		spelt = spelt.map((pieces) => merged(pieces, left, right));
	}
	return tokenizerFile([...vocabulary], merges, wholeTokens);
}

/** Null where no allowed pair occurs twice. */
function mostFrequentPair(
	spelt: readonly (readonly string[])[],
	allowed: (piece: string) => boolean,
): [string, string] | null {
	const counts = new Map<string, number>();
	for (const pieces of spelt) {
		for (const [i, right] of pieces.slice(1).entries()) {
			const pair = `${pieces[i] ?? ''} ${right}`;
			counts.set(pair, (counts.get(pair) ?? 0) + 1);
		}
	}
	let best = { pair: '', count: 1 };
	for (const [pair, count] of counts) {
		const ahead = count > best.count || (count === best.count && pair < best.pair);
		if (ahead && allowed(pair.replace(' ', ''))) best = { pair, count };
	}
	const [left, right] = best.pair.split(' ');
	return left === undefined || right === undefined ? null : [left, right];
}

function merged(pieces: readonly string[], left: string, right: string): string[] {
	const result: string[] = [];
	for (let i = 0; i < pieces.length; i++) {
		const piece = pieces[i] ?? '';
		const joins = piece === left && pieces[i + 1] === right;
		result.push(joins ? left + right : piece);
		if (joins) i++;
	}
	return result;
}

function tokenizerFile(
	vocabulary: readonly string[],
	merges: readonly (readonly [string, string])[],
	wholeTokens: readonly string[],
): Record<string, unknown> {
	const kept = [...specialTokens, ...wholeTokens];
	const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: kept.map((content, id) => {
			return { id, content, ...plain, special: specialTokens.includes(content) };
		}),
		normalizer: null,
		pre_tokenizer: {
			type: 'Split',
			// A word, in French with the apostrophe that ends it; any other sign alone.
			pattern: { Regex: "\\p{L}+'?|[^\\p{L}]" },
			behavior: 'Isolated',
			invert: false,
		},
		post_processor: {
			type: 'TemplateProcessing',
			single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
			pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
			special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
		},
		decoder: { type: 'Fuse' },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: '<unk>',
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: false,
			vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
			merges,
		},
	};
}
