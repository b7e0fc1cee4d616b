/** Tables to texts: which column is which language. Pure. */
import type { TextSet } from '../contract/evaluation.ts';

export type Table = readonly Readonly<Record<string, string>>[];

/** Columns of a table, those without a name left out (spreadsheets number their rows in one). */
export function columnsOf(table: Table): readonly string[] {
	return Object.keys(table[0] ?? {}).filter((column) => column.trim() !== '');
}

/** First column whose name, in lower case, is one of the wanted; else the fallback-th column. */
export function guessColumn(
	columns: readonly string[],
	wanted: readonly string[],
	fallback = 0,
): string {
	for (const name of wanted) {
		const found = columns.find((column) => column.toLowerCase() === name);
		if (found !== undefined) return found;
	}
	return columns[fallback] ?? columns[0] ?? '';
}

/** The first `rows` texts of a column that are not blank. */
export function textSet(table: Table, column: string, rows: number): TextSet {
	const texts = table
		.slice(0, rows)
		.map((row) => row[column] ?? '')
		.filter((text) => text.trim() !== '');
	return { language: column, texts };
}
