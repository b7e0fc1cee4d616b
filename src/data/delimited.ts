/** Rows out of CSV and its relatives. Every cell is a text: the file says no type. */
import Papa from 'papaparse';
import type { Row } from './cells.ts';
import { badData } from './text.ts';

const delimiters = [',', ';', '\t', '|'] as const;

/** What Excel writes above the header to name the delimiter. */
const declaration = /^\s*"?sep=(.)"?[ \t]*(?:\r\n|\n|\r)/i;

/** The table without a line that declares its delimiter, and the delimiter: the declared one, else a guess. */
function openTable(text: string): { body: string; delimiter: string } {
	const declared = declaration.exec(text);
	if (declared?.[1] === undefined) return { body: text, delimiter: guessDelimiter(text) };
	return { body: text.slice(declared[0].length), delimiter: declared[1] };
}

/** The delimiter that occurs most in the first line, outside quotes. */
function guessDelimiter(text: string): string {
	const header = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
	const bare = header.replace(/"[^"]*"/g, '');
	const count = (delimiter: string) => bare.split(delimiter).length;
	return [...delimiters].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** The cells of the first line that is not blank. */
export function firstLine(text: string): string[] {
	const { body, delimiter } = openTable(text);
	const options = { delimiter, preview: 1 };
	// A preview counts blank lines, too.
	const filled = body.replace(/^\s*[\r\n]/, '');
	return Papa.parse<string[]>(filled, options).data[0] ?? [];
}

/** Whether every line has as many tabs, and at least one. */
export function isTabbed(text: string): boolean {
	const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
	const tabs = lines.map((line) => line.split('\t').length);
	return (tabs[0] ?? 1) > 1 && tabs.every((count) => count === tabs[0]);
}

/** `row 2, column "text": `, the last cell of a line of a table; row 0 is the header. */
function cellAt(lines: readonly (readonly string[])[], row: number | undefined): string {
	if (row === undefined) return '';
	const column = lines[0]?.[(lines[row]?.length ?? 0) - 1]?.trim();
	return row > 0 && column !== undefined ? `row ${row}, column "${column}": ` : `row ${row}: `;
}

/** The cell that a NUL byte is in, by the text before it. */
export function cellOfNul(before: string): string {
	const first = before.trimStart()[0];
	if (first === '[' || first === '{') return '';
	const { body, delimiter } = openTable(before);
	const options = { delimiter, skipEmptyLines: 'greedy' } as const;
	const { data } = Papa.parse<string[]>(`${body}\ufffd`, options);
	return cellAt(data, data.length - 1);
}

/** The rows below the header. Throws `BadInput` naming row and column where quotes, cells or names do not fit. */
export function parseDelimited(text: string, file: string): Row[] {
	const { body, delimiter } = openTable(text);
	const { data, errors } = Papa.parse<string[]>(body, { delimiter, skipEmptyLines: 'greedy' });
	const [error] = errors;
	if (error) {
		throw badData(file, `${cellAt(data, error.row)}${error.message}; correct the quotes there`);
	}
	const [header = [], ...rows] = data;
	const columns = header.map((name) => name.trim());
	const seen = new Set<string>();
	const repeated = columns.find((name) => seen.size === seen.add(name).size);
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
