/** Instruction rows -> token ids, without blocking the thread. */
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
	/** Tokens of the text before it was cut. */
	readonly textTokens: number;
}

/**
 * Tokenises rows; between slices the event loop runs and `onProgress` hears how many are done.
 */
export async function tokenizeRows(
	rows: readonly InstructionRow[],
	data: Pick<DataSpec, 'template' | 'loss' | 'rowTokens'>,
	tokenizer: TextTokenizer,
	endToken: number,
	onProgress: (done: number) => void,
): Promise<TokenRow[]> {
	const tokenRows: TokenRow[] = [];
	const pause = createPause();
	for (const row of rows) {
		tokenRows.push(tokenizeRow(row, data, tokenizer, endToken));
		if (await pause()) onProgress(tokenRows.length);
	}
	onProgress(tokenRows.length);
	return tokenRows;
}

/** One row: the tokenizer's special tokens in front, the end-of-sequence token behind what is kept of it. */
export function tokenizeRow(
	row: InstructionRow,
	data: Pick<DataSpec, 'template' | 'loss' | 'rowTokens'>,
	tokenizer: TextTokenizer,
	endToken: number,
): TokenRow {
	const { prompt, response } = renderRow(row, data.template);
	const isAllGraded = data.loss === 'all' || data.template === 'plain';
	const text = tokenizer.encode(prompt + response, { special: true });
	return {
		ids: Int32Array.from([...text.slice(0, data.rowTokens), endToken]),
		firstTarget: isAllGraded ? 0 : commonPrefix(text, tokenizer.encode(prompt, { special: true })),
		textTokens: text.length,
	};
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
