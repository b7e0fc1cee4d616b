/** Tables out of CSV/TSV, JSON, JSON lines, Parquet, or lines of plain text; every value with the type it has there. */
import { cellOf, type Place, type Row, textOf } from './cells.ts';
import { guessMapping } from './columnNames.ts';
import { cellOfNul, firstLine, isTabbed, parseDelimited } from './delimited.ts';
import { looksLikeJson, parseJsonTable } from './jsonTable.ts';
import { isParquet, readParquet } from './parquet.ts';
import { badData, decodeText, splitLines } from './text.ts';

export interface Table {
	/** Every column that occurs, in order of first appearance. */
	readonly columns: readonly string[];
	readonly rows: readonly Row[];
}

/** A table and the file it is of, for messages. */
export interface NamedTable {
	readonly table: Table;
	readonly file: string;
}

/** Reads a file from the disk; messages call it `name`. Throws `BadInput` as `parseTable` and `readParquet` do. */
export async function readTable(file: File, name = file.name): Promise<Table> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (!isParquet(bytes)) return parseTable(bytes, name);
	const table = await readParquet(bytes, name);
	if (table.rows.length === 0) throw badData(name, 'there is no row; choose a file with rows');
	return table;
}

/**
 * Parses a file by its content and extension; a `.txt` that is none of the other kinds is plain text, one row a line
 * (as `load_dataset("text")` has it). Throws `BadInput` naming file, row or line, and column where it is empty, not
 * UTF-8 or UTF-16, binary, or malformed.
 */
export function parseTable(bytes: Uint8Array, file: string): Table {
	const text = decodeText(bytes, file, cellOfNul);
	if (text.trim() === '') throw badData(file, 'the file is empty; choose one with rows');
	const rows = isPlain(text, file) ? plainRows(text) : parseRows(text, file);
	if (rows.length === 0)
		throw badData(file, 'there is a header but no row; choose a file with rows');
	return { columns: columnsOf(rows), rows };
}

function parseRows(text: string, file: string): Row[] {
	return looksLikeJson(text) ? parseJsonTable(text, file) : parseDelimited(text, file);
}

/** Whether it is named as plain text, and neither JSON nor a table of known columns or as many tabs in every line. */
function isPlain(text: string, file: string): boolean {
	if (!/\.txt$/i.test(file)) return false;
	if (looksLikeJson(text)) {
		try {
			parseJsonTable(text, file);
			return false;
		} catch {
			return true;
		}
	}
	return guessMapping(firstLine(text)) === null && !isTabbed(text);
}

const plainRows = (text: string): Row[] => splitLines(text).map((line) => ({ text: line }));

/** Every column that occurs. (Not by a list of all keys: it would be as long as the cells are many.) */
function columnsOf(rows: readonly Row[]): string[] {
	const columns = new Set<string>();
	for (const row of rows) for (const column of Object.keys(row)) columns.add(column);
	return [...columns];
}

/** The text of a cell by row (from 0) and column, empty where there is none. Throws as `textOf` does. */
export function cellText({ table, file }: NamedTable, row: number, column: string): string {
	const place: Place = { file, row, column };
	return textOf(cellOf(table.rows[row], column), place);
}
