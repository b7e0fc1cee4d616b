/** Where a greedy continuation may stop. */
import type { TextTokenizer } from '../data/tokenizer.ts';

/** Whether the newest token has one of the `marks` (single characters) in it. */
export function endsAt(
	tokenizer: TextTokenizer,
	marks: readonly string[],
): (made: readonly number[]) => boolean {
	const known = new Map<number, boolean>();
	const hasMark = (text: string) => marks.some((mark) => text.includes(mark));
	return (made) => {
		const id = made.at(-1);
		if (id === undefined) return false;
		const ends = known.get(id) ?? hasMark(tokenizer.decode([id]));
		known.set(id, ends);
		return ends;
	};
}
