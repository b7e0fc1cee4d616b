/** Rows as CSV for a spreadsheet or a program. Pure. */
import Papa from 'papaparse';

/**
 * CSV with a header (the fields of any row, in order of appearance) and a newline after every row. Text that a spreadsheet would run as a formula (it begins with = + - @,
 * a tab or a line break) gets an apostrophe before it, as OWASP advises; numbers are written as they are. Empty without rows.
 */
export function csvText(rows: readonly Readonly<Record<string, unknown>>[]): string {
	const escapeFormulae = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	if (columns.length === 0) return '';
	return `${Papa.unparse([...rows], { newline: '\n', columns, escapeFormulae })}\n`;
}
