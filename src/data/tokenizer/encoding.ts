/** A text through the parts of a tokenizer: added tokens, normalizer, added tokens again, pre-tokenizer, model. */
import { namedError } from '../../contract/errors.ts';
import type { TokenizerParts } from './parts.ts';

type Parts = Pick<TokenizerParts, 'added' | 'normalize' | 'cut' | 'model'>;

/** The ids of a whole text. Throws `BadInput` naming a part of it that has no token. */
export const encodeText = (parts: Parts, text: string): number[] =>
	parts.added
		.findRaw(text)
		.flatMap(({ id, text: part, start }) =>
			id === null ? encodePart(parts, part, start === 0) : [id],
		);

/** The ids of a part of a text without tokens that are found before it is normalised; `first`: it begins the text. */
function encodePart(parts: Parts, text: string, first: boolean): number[] {
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
