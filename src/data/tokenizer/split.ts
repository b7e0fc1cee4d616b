/** Texts cut at the matches of a pattern, as `NormalizedString::split` of Hugging Face's tokenizers cuts them. */
import * as v from 'valibot';

export const BehaviorSchema = v.picklist([
	'Removed',
	'Isolated',
	'MergedWithPrevious',
	'MergedWithNext',
	'Contiguous',
]);
export type Behavior = v.InferOutput<typeof BehaviorSchema>;

interface Span {
	start: number;
	end: number;
	readonly matches: boolean;
}

/** The spans of a text from cut to cut, in order; none is empty. `inverted`: cuts are what the pattern does not match. */
export function split(
	text: string,
	pattern: RegExp,
	behavior: Behavior,
	inverted: boolean,
): { readonly start: number; readonly end: number }[] {
	const spans = cover(text, pattern, inverted);
	switch (behavior) {
		case 'Removed':
			return spans.filter(({ matches }) => !matches);
		case 'Isolated':
			return spans;
		case 'Contiguous':
			return join(spans, (before, span) => before.matches === span.matches);
		case 'MergedWithPrevious':
			return join(spans, (before, span) => span.matches && !before.matches);
		case 'MergedWithNext':
			return join(spans, (before, span) => before.matches && !span.matches);
	}
}

function cover(text: string, pattern: RegExp, inverted: boolean): Span[] {
	const spans: Span[] = [];
	const add = (start: number, end: number, matches: boolean) => {
		if (end > start) spans.push({ start, end, matches: matches !== inverted });
	};
	let end = 0;
	for (const match of text.matchAll(pattern)) {
		add(end, match.index, false);
		end = match.index + match[0].length;
		add(match.index, end, true);
	}
	add(end, text.length, false);
	return spans;
}

/** Joins each span to the one before it where `joins` says so of their last two. */
function join(spans: readonly Span[], joins: (before: Span, span: Span) => boolean): Span[] {
	const joined: Span[] = [];
	let before: Span | null = null;
	for (const span of spans) {
		const last = joined.at(-1);
		if (before && last && joins(before, span)) last.end = span.end;
		else joined.push({ ...span });
		before = span;
	}
	return joined;
}
