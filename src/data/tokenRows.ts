/** Instruction rows -> token ids, without blocking the thread. */
import { namedError } from '../contract/errors.ts';
import type { InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import { createPause } from './pause.ts';
import { renderRow } from './templates.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface TokenRow {
	/** At most `rowTokens` ids of the text, then the end-of-sequence token. */
	readonly ids: Int32Array;
	/** Tokens from here on are targets; 0 = all of them. May be beyond the end. */
	readonly firstTarget: number;
	/** Tokens of the text before it was cut, without an end-of-sequence token that it ends with itself. */
	readonly textTokens: number;
	/** Whether the text itself begins with what the tokenizer puts in front, and ends with the end-of-sequence token. */
	readonly written: { readonly begin: boolean; readonly end: boolean };
}

/**
 * Tokenises rows; between slices the event loop runs and `onProgress` hears how many are done. Throws `BadInput` naming
 * the row (`where`) that the tokenizer refuses.
 */
export async function tokenizeRows(
	rows: readonly InstructionRow[],
	data: Pick<DataSpec, 'template' | 'loss' | 'rowTokens'>,
	tokenizer: TextTokenizer,
	endToken: number,
	where: (index: number) => string,
	onProgress: (done: number) => void,
): Promise<TokenRow[]> {
	const tokenRows: TokenRow[] = [];
	const pause = createPause();
	for (const [index, row] of rows.entries()) {
		try {
			tokenRows.push(tokenizeRow(row, data, tokenizer, endToken));
		} catch (error) {
			if (!(error instanceof Error && error.name === 'BadInput')) throw error;
			throw namedError('BadInput', `${where(index)}: ${error.message}`);
		}
		if (await pause()) onProgress(tokenRows.length);
	}
	onProgress(tokenRows.length);
	return tokenRows;
}

/**
 * One row: the tokenizer's special tokens in front, the end-of-sequence token behind what is kept of it, each once, also
 * where the text has it itself.
 */
export function tokenizeRow(
	row: InstructionRow,
	data: Pick<DataSpec, 'template' | 'loss' | 'rowTokens'>,
	tokenizer: TextTokenizer,
	endToken: number,
): TokenRow {
	const { prompt, response } = renderRow(row, data.template);
	const isAllGraded = data.loss === 'all' || data.template === 'plain';
	const whole = tokenizer.encode(prompt + response, { special: true });
	const end = whole.at(-1) === endToken;
	const text = end ? whole.slice(0, -1) : whole;
	return {
		ids: Int32Array.from([...text.slice(0, data.rowTokens), endToken]),
		firstTarget: isAllGraded ? 0 : commonPrefix(text, tokenizer.encode(prompt, { special: true })),
		textTokens: text.length,
		written: { begin: writesBegin(tokenizer, prompt + response), end },
	};
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
