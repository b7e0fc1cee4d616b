/** A text through the parts of a tokenizer: added tokens, normalizer, added tokens again, pre-tokenizer, model. */
import { namedError } from '../../contract/errors.ts';
import type { TokenizerParts } from './parts.ts';

/** A part of a text between two added tokens, or one of them, with its ids. */
export interface EncodedSection {
	readonly text: string;
	/** Where it begins in the whole text, in UTF-16 units. */
	readonly start: number;
	readonly ids: readonly number[];
	/** Whether it is an added token. */
	readonly added: boolean;
}

type Parts = Pick<TokenizerParts, 'added' | 'normalize' | 'cut' | 'model'>;

/** The ids of a whole text by sections. Throws `BadInput` naming a part of it that has no token. */
export const encodeSections = (parts: Parts, text: string): EncodedSection[] =>
	parts.added.findRaw(text).map(({ id, text: part, start }) => ({
		text: part,
		start,
		ids: id === null ? encodePart(parts, part, start === 0) : [id],
		added: id !== null,
	}));

/** The ids of a part of a text without tokens that are found before it is normalised; `first`: it begins the text. */
export function encodePart(parts: Parts, text: string, first: boolean): number[] {
	const { added, normalize, cut, model } = parts;
	return added.findNormalized(normalize(text)).flatMap((section) => {
		if (section.id !== null) return [section.id];
		return cut({ text: section.text, first: first && section.start === 0 }).flatMap((token) => {
			const ids = model.encode(token.text);
			if (ids !== null) return ids;
			throw namedError(
				'BadInput',
				`tokenizer.json has no token for part of "${token.text.slice(0, 40)}" and no unknown token`,
			);
		});
	});
}
