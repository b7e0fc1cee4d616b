/** Unigram (Kudo 2018, "Subword Regularization"): the pieces of a text whose scores have the largest sum. */
import type { Model } from './models.ts';

/** An unknown character scores this much less than the worst piece. */
const unknownPenalty = 10;

interface Best {
	score: number;
	id: number;
	start: number;
}

/** A piece of a text, or its unknown characters side by side. */
interface Part {
	text: string;
	readonly id: number;
}

const utf8 = new TextEncoder();

/**
 * As `Unigram::encode_optimized` of Hugging Face's tokenizers: unknown characters side by side are one, and are spelled
 * in bytes where `fallsBack` and every byte has a piece.
 */
export function createUnigram(
	pieces: readonly (readonly [string, number])[],
	unknown: number | null,
	fallsBack: boolean,
): Model {
	const vocabulary = new Map(pieces.map(([piece], id) => [piece, id]));
	const scores = pieces.map(([, score]) => score);
	const worst = scores.reduce((least, score) => Math.min(least, score), Infinity);
	const lengths = [...new Set(pieces.map(([piece]) => piece.length))]
		.filter((length) => length > 0)
		.sort((a, b) => a - b);

	// Null where a character that is no piece would be the best way to its end, and there is no unknown token, even if a
	// longer piece holds it: as the library does.
	function bestWays(text: string): (Best | undefined)[] | null {
		const ways: (Best | undefined)[] = [];
		const offer = (start: number, end: number, id: number | null, own: number): boolean => {
			const score = own + (ways[start]?.score ?? 0);
			const way = ways[end];
			if (way !== undefined && score <= way.score) return true;
			if (id !== null) ways[end] = { score, id, start };
			return id !== null;
		};
		for (let start = 0; start < text.length;) {
			const next = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
			for (const length of lengths) {
				if (start + length > text.length) break;
				const id = vocabulary.get(text.slice(start, start + length));
				if (id !== undefined) offer(start, start + length, id, scores[id] ?? 0);
			}
			const isPiece = vocabulary.has(text.slice(start, next));
			if (!isPiece && !offer(start, next, unknown, worst - unknownPenalty)) return null;
			start = next;
		}
		return ways;
	}

	const spell = ({ text, id }: Part): readonly number[] => {
		const known = vocabulary.get(text);
		if (known !== undefined) return [known];
		return (fallsBack ? inBytes(text, vocabulary) : null) ?? [id];
	};

	return {
		vocabulary,
		encode(text) {
			const ways = bestWays(text);
			if (ways === null) return null;
			const parts: Part[] = [];
			for (let end = text.length; end > 0;) {
				const way = ways[end];
				if (way === undefined) return null;
				const before = parts.at(-1);
				const part = { text: text.slice(way.start, end), id: way.id };
				if (way.id === unknown && before?.id === unknown) before.text = part.text + before.text;
				else parts.push(part);
				end = way.start;
			}
			return parts.reverse().flatMap(spell);
		},
	};
}

/** The ids of a text's bytes; null where one has no piece. */
function inBytes(text: string, vocabulary: ReadonlyMap<string, number>): number[] | null {
	const bytes = Array.from(utf8.encode(text), (byte) => vocabulary.get(pieceOf(byte)));
	const known = bytes.filter((byte) => byte !== undefined);
	return known.length === bytes.length ? known : null;
}

export const pieceOf = (byte: number): string =>
	`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
