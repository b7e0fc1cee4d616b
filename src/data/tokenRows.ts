/** Training rows -> token ids, without blocking the thread. */
import { namedError } from '../contract/errors.ts';
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
	/** Tokens of the text before it was cut, without an end-of-sequence token that it ends with itself unless it is a chat. */
	readonly textTokens: number;
	/** Whether the text itself begins with what the tokenizer puts in front, and ends with the end-of-sequence token. */
	readonly written: { readonly begin: boolean; readonly end: boolean };
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

type Encode = (text: string) => number[];

/**
 * Tokenises rows; between slices the event loop runs and `onProgress` hears how many are done. `nameOf` names a row by
 * its index for messages. Throws `BadInput` naming the row that template or tokenizer refuse.
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
 * One row: the tokenizer's special tokens in front, the end-of-sequence token behind what is kept of it, each once, also
 * where the text has it itself. A chat has the special tokens that its template writes, and no others.
 */
export function tokenizeRow(row: InstructionRow, layout: RowLayout, where: string): TokenRow {
	const { data, tokenizer, chatTemplate } = layout;
	const laidOut = layOutRow(row, data, chatTemplate, where);
	const isChat = data.template === 'chat';
	const encode: Encode = (text) =>
		naming(where, () => tokenizer.encode(text, { special: !isChat }));
	const whole = encode(laidOut.text);
	const isAllGraded = data.loss === 'all' || data.template === 'plain';
	const graded = (ids: readonly number[]): readonly Span[] =>
		isAllGraded ? [[0, Infinity]] : answersIn(ids, laidOut, encode, isChat);
	if (isChat)
		return {
			ids: Int32Array.from(whole.slice(0, data.rowTokens)),
			graded: graded(whole),
			textTokens: whole.length,
			written: { begin: false, end: false },
		};
	const end = whole.at(-1) === layout.endToken;
	const text = end ? whole.slice(0, -1) : whole;
	return {
		ids: Int32Array.from([...text.slice(0, data.rowTokens), layout.endToken]),
		graded: graded(text),
		textTokens: text.length,
		written: { begin: writesBegin(tokenizer, laidOut.text), end },
	};
}

/** What the tokenizer refuses, with the row it is in. */
function naming<T>(where: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof Error && error.name === 'BadInput')) throw error;
		throw namedError('BadInput', `${where}: ${error.message}`);
	}
}

/** The tokens of the answers. What ends the text is followed by the end-of-sequence token, which belongs to it. */
function answersIn(
	ids: readonly number[],
	{ text, answers }: LaidOut,
	encode: Encode,
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

/** Of a text, as much as the longest special token may have (UTF-16 units). */
const beginning = 64;

/** Whether a text itself begins with the token that the tokenizer puts in front. */
export function writesBegin(tokenizer: TextTokenizer, text: string): boolean {
	const [begin] = tokenizer.encode('', { special: true });
	if (begin === undefined) return false;
	return tokenizer.encode(text.slice(0, beginning), { special: false })[0] === begin;
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
