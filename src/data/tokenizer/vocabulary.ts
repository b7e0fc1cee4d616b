/** Vocabularies as tokenizer.json spells them, read without trusting a number in them. */
import { shownValue } from '../../contract/shownValue.ts';
import * as v from 'valibot';
import { isRecord, refuse } from './part.ts';

/** Ids are below 2^24: the largest vocabularies have some 2^18, and a larger number is damage. */
export const mostTokens = 2 ** 24;

export const IdSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostTokens - 1));

/** Piece -> id. Throws `BadInput` naming the piece whose id is none. */
export function readVocabulary(value: unknown, path: string): Map<string, number> {
	if (!isRecord(value)) throw refuse(path, '"vocab" is no object of pieces and ids');
	const ids = new Map<string, number>();
	for (const [piece, id] of Object.entries(value)) {
		if (!isId(id)) {
			const said = `the id of ${JSON.stringify(piece)} is ${shownValue(id)}`;
			throw refuse(path, `${said}, and ids are whole numbers below ${mostTokens}`);
		}
		ids.set(piece, id);
	}
	return ids;
}

/** Merges as pairs of pieces. Throws `BadInput` naming the first that is none, or of a piece that there is not. */
export function readMerges(
	value: unknown,
	vocabulary: ReadonlyMap<string, number>,
	path: string,
): [string, string][] {
	if (!Array.isArray(value)) throw refuse(path, '"merges" is no list');
	return value.map((merge: unknown, index) => {
		const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
		if (!isPair(pair)) throw refuse(path, `merge ${index + 1} is no pair of pieces`);
		const [left, right] = pair;
		for (const piece of [left + right, left, right]) {
			if (vocabulary.has(piece)) continue;
			throw refuse(path, `merge ${index + 1} needs ${JSON.stringify(piece)}, which "vocab" lacks`);
		}
		return pair;
	});
}

const isId = (value: unknown): value is number =>
	Number.isInteger(value) && Number(value) >= 0 && Number(value) < mostTokens;

const isPair = (value: unknown): value is [string, string] =>
	Array.isArray(value) &&
	value.length === 2 &&
	typeof value[0] === 'string' &&
	typeof value[1] === 'string';
