/** The demo's sub-word vocabulary: frequent parts of words of the known languages only. */

const specialTokens = ['<unk>', '<s>', '</s>'];

/** What a piece costs: more than logarithms of shares differ by, so that few pieces come before frequent ones. */
const perPiece = -20;

/** Below that of any spelling. */
const neverScore = -10_000;

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
 * Contents of a `tokenizer.json` of type Unigram (Kudo 2018, "Subword Regularization"): its pieces are the most frequent
 * substrings of the words, and a word is spelt by the pieces whose scores add up highest: by as few as can be and, of such
 * spellings, by the most frequent ones. Nothing is pruned to fit the training words, as words never met shall be made of
 * few pieces too. Ties go to the piece that is first in code-unit order. A space is a piece of its own, so that a word is
 * spelt alike wherever it stands. Throws where `size` has no room for the characters.
 */
export function trainTokenizer(training: TokenizerTraining): Record<string, unknown> {
	const { words, wholeTokens, refused, size, longest } = training;
	const counts = substringCounts(words, longest);
	const single = [...new Set([...counts.keys(), ...training.characters])].filter(
		(piece) => Array.from(piece).length === 1,
	);
	const whole = [...specialTokens, ...wholeTokens];
	const room = size - whole.length - single.length;
	if (room < 0)
		throw new Error(
			`a vocabulary of ${size} has no room for ${size - room} tokens; make it larger`,
		);
	const longer = [...counts]
		.filter(([piece, count]) => !single.includes(piece) && count > 1 && !refused.has(piece))
		.sort(([a, most], [b, least]) => least - most || (a < b ? -1 : 1))
		.map(([piece]) => piece);
	const pieces = [...single.sort(), ...longer.slice(0, room)];
	const total = pieces.reduce((sum, piece) => sum + (counts.get(piece) ?? 1), 0);
	const scored = pieces.map((piece): [string, number] => {
		return [piece, perPiece + Math.log((counts.get(piece) ?? 1) / total)];
	});
	// Whole tokens are found before the model is asked; no piece of a word may be one.
	const never = whole.map((token): [string, number] => [token, neverScore]);
	return tokenizerFile([...never, ...scored], wholeTokens);
}

/** Occurrences of every substring of at most `longest` letters. */
function substringCounts(words: readonly string[], longest: number): Map<string, number> {
	const counts = new Map<string, number>();
	for (const word of words) {
		const letters = Array.from(word);
		for (let first = 0; first < letters.length; first++)
			for (let end = first + 1; end <= Math.min(letters.length, first + longest); end++) {
				const piece = letters.slice(first, end).join('');
				counts.set(piece, (counts.get(piece) ?? 0) + 1);
			}
	}
	return counts;
}

function tokenizerFile(
	vocabulary: readonly (readonly [string, number])[],
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
		model: { type: 'Unigram', unk_id: 0, byte_fallback: false, vocab: vocabulary },
	};
}
