/** Training rows -> token ids, without blocking the thread. */
import type { InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { ChatTemplate, LaidOut, Span } from './chatTemplate.ts';
import { createPause } from './pause.ts';
import { layOutRow } from './templates.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface TokenRow {
	/** At most `rowTokens` ids of the text, then, unless the row is a chat, the end-of-sequence token. */
	readonly ids: Int32Array;
	/** Tokens that are targets, [from, to); may be beyond the end. */
	readonly graded: readonly Span[];
	/** Tokens of the text before it was cut. */
	readonly textTokens: number;
}

/** How rows become tokens. */
export interface RowLayout {
	readonly data: Pick<DataSpec, 'template' | 'loss' | 'rowTokens'>;
	readonly tokenizer: TextTokenizer;
	/** Written behind every row that is no chat. */
	readonly endToken: number;
	/** Of the model; null where it has none. */
	readonly chatTemplate: ChatTemplate | null;
}

/**
 * Tokenises rows; between slices the event loop runs and `onProgress` hears how many are done. `nameOf` names a row by
 * its index for messages.
 */
export async function tokenizeRows(
	rows: readonly InstructionRow[],
	layout: RowLayout,
	nameOf: (index: number) => string,
	onProgress: (done: number) => void,
): Promise<TokenRow[]> {
	const tokenRows: TokenRow[] = [];
	const pause = createPause();
	for (const [index, row] of rows.entries()) {
		tokenRows.push(tokenizeRow(row, layout, nameOf(index)));
		if (await pause()) onProgress(tokenRows.length);
	}
	onProgress(tokenRows.length);
	return tokenRows;
}

/**
 * One row: the tokenizer's special tokens in front, the end-of-sequence token behind what is kept of it. A chat has the
 * special tokens that its template writes, and no others. Throws `BadInput` as `layOutRow` does.
 */
export function tokenizeRow(row: InstructionRow, layout: RowLayout, where: string): TokenRow {
	const { data, tokenizer, endToken, chatTemplate } = layout;
	const laidOut = layOutRow(row, data, chatTemplate, where);
	const isChat = data.template === 'chat';
	const encode = (text: string) =>
		isChat ? tokenizer.encodeTemplated(text) : tokenizer.encode(text, { special: true });
	const ids = encode(laidOut.text);
	const isAllGraded = data.loss === 'all' || data.template === 'plain';
	return {
		ids: Int32Array.from([...ids.slice(0, data.rowTokens), ...(isChat ? [] : [endToken])]),
		graded: isAllGraded ? [[0, Infinity]] : answersIn(ids, laidOut, encode, isChat),
		textTokens: ids.length,
	};
}

/** The tokens of the answers. What ends the text is followed by the end-of-sequence token, which belongs to it. */
function answersIn(
	ids: readonly number[],
	{ text, answers }: LaidOut,
	encode: (text: string) => number[],
	isChat: boolean,
): Span[] {
	return answers.map(([from, to]) => {
		const begin = commonPrefix(ids, encode(text.slice(0, from)));
		if (to === text.length) return [begin, isChat ? ids.length : Infinity];
		const before = encode(text.slice(0, to));
		const common = commonPrefix(ids, before);
		// A token that reaches over the end is part of the answer, too.
		return [begin, common === before.length ? common : common + 1];
	});
}

/**
 * Length of the common beginning. A token that a merge makes of the end of the prompt and the beginning of the
 * response belongs to the response: the prompt alone does not hold it.
 */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
	const end = Math.min(a.length, b.length);
	let length = 0;
	while (length < end && a[length] === b[length]) length++;
	return length;
}
