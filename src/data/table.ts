/** Tables out of CSV/TSV, a JSON array of objects, JSON lines, or Parquet; every value as text. */
import Papa from 'papaparse';
import { findJsonError } from './jsonError.ts';
import { isParquet, readParquet } from './parquet.ts';
import { badData, decodeText } from './text.ts';

export type TableRow = Readonly<Record<string, string>>;

export interface Table {
	/** Every column that occurs, in order of first appearance. */
	readonly columns: readonly string[];
	/** A row lacks the keys its JSON object lacks. */
	readonly rows: readonly TableRow[];
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
	const { columns, rows } = await readParquet(bytes, name);
	if (rows.length === 0) throw badData(name, 'there is no row; choose a file with rows');
	return { columns, rows: rows.map((row, index) => toRow(row, `row ${index + 1}`, name)) };
}

/**
 * Parses a file by its content and extension. Throws `BadInput` naming file, row or line, and column where it is
 * empty, not UTF-8, binary, or malformed.
 */
export function parseTable(bytes: Uint8Array, file: string): Table {
	const text = decodeText(bytes, file, cellOfNul);
	const first = text.trimStart()[0];
	if (first === undefined) throw badData(file, 'the file is empty; choose one with rows');
	const rows =
		first === '['
			? parseJsonArray(text, file)
			: first === '{'
				? parseJsonLines(text, file)
				: parseDelimited(text, file);
	if (rows.length === 0)
		throw badData(file, 'there is a header but no row; choose a file with rows');
	return { columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows };
}

function parseJsonArray(text: string, file: string): TableRow[] {
	let rows: unknown;
	try {
		rows = JSON.parse(text);
	} catch {
		throw badData(file, `not valid JSON${placeOf(text)}; correct it there`);
	}
	if (!Array.isArray(rows)) throw badData(file, 'the JSON is not an array of objects');
	if (rows.length === 0) throw badData(file, 'the JSON array is empty; choose a file with rows');
	return rows.map((row: unknown, index) => toRow(row, `row ${index + 1}`, file));
}

/** One object per line; blank lines are skipped. */
function parseJsonLines(text: string, file: string): TableRow[] {
	const rows: TableRow[] = [];
	for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
		if (line.trim() === '') continue;
		let row: unknown;
		try {
			row = JSON.parse(line);
		} catch (error) {
			const why = error instanceof Error ? error.message : 'malformed';
			throw badData(
				file,
				`line ${index + 1} is not a JSON object (${why}); write an array of objects or one object per line`,
			);
		}
		rows.push(toRow(row, `line ${index + 1}`, file));
	}
	return rows;
}

function toRow(row: unknown, where: string, file: string): TableRow {
	if (typeof row !== 'object' || row === null || Array.isArray(row)) {
		const found = JSON.stringify(row).slice(0, 40);
		throw badData(file, `${where} is ${found}, not an object with named columns`);
	}
	return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toText(value)]));
}

function toText(value: unknown): string {
	if (typeof value === 'string') return value;
	if (value === null || value === undefined) return '';
	if (typeof value === 'bigint') return value.toString();
	if (value instanceof Date) return value.toISOString();
	return JSON.stringify(value, (_key, inner: unknown) =>
		typeof inner === 'bigint' ? Number(inner) : inner,
	);
}

/** Where a syntax error is, in words. */
function placeOf(text: string): string {
	const error = findJsonError(text);
	if (!error) return '';
	const place = `line ${error.line}, column ${error.column}, in row ${error.rowsBefore + 1}`;
	return error.cutOff ? `: the file is cut off at ${place}` : ` at ${place}`;
}

const delimiters = [',', ';', '\t', '|'] as const;

/** The delimiter that occurs most in the first line, outside quotes. */
function guessDelimiter(text: string): string {
	const header = text.replace(/[\r\n][^]*/, '').replace(/"[^"]*"/g, '');
	const count = (delimiter: string) => header.split(delimiter).length;
	return [...delimiters].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** `row 2, column "text": `, the last cell of a line of a table; row 0 is the header. */
function cellAt(lines: readonly (readonly string[])[], row: number | undefined): string {
	if (row === undefined) return '';
	const column = lines[0]?.[(lines[row]?.length ?? 0) - 1]?.trim();
	return row > 0 && column !== undefined ? `row ${row}, column "${column}": ` : `row ${row}: `;
}

/** The cell that a NUL byte is in, by the text before it. */
function cellOfNul(before: string): string {
	const first = before.trimStart()[0];
	if (first === '[' || first === '{') return '';
	const options = { delimiter: guessDelimiter(before), skipEmptyLines: 'greedy' } as const;
	const { data } = Papa.parse<string[]>(`${before}\ufffd`, options);
	return cellAt(data, data.length - 1);
}

function parseDelimited(text: string, file: string): TableRow[] {
	const { data, errors } = Papa.parse<string[]>(text, {
		delimiter: guessDelimiter(text),
		skipEmptyLines: 'greedy',
	});
	const [error] = errors;
	if (error) {
		throw badData(file, `${cellAt(data, error.row)}${error.message}; correct the quotes there`);
	}
	const [header = [], ...rows] = data;
	const columns = header.map((name) => name.trim());
	const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
	if (repeated !== undefined) throw badData(file, `the header names column "${repeated}" twice`);
	return rows.map((cells, index) => {
		if (cells.length !== columns.length) {
			throw badData(
				file,
				`row ${index + 1} has ${cells.length} columns, the header ${columns.length} (${columns.join(', ')}); ` +
					'put text that holds the delimiter in quotes',
			);
		}
		return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
	});
}
