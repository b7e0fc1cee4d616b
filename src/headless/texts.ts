/** Columns of a table of texts, one language each. */
import type { TextSet } from '../contract/evaluation.ts';
import { asFile, data, type SharedFile } from './threads.ts';

/** Rows [from, to). */
export type Rows = readonly [number, number] | null;

export interface TextFile {
	readonly file: SharedFile;
	readonly columns: readonly string[];
	readonly rows: Rows;
}

interface Table {
	readonly rows: readonly Readonly<Record<string, string>>[];
	/** Rows of the file before these. */
	readonly before: number;
}

export async function readRows(
	file: SharedFile,
	rows: Rows,
	columns: readonly string[],
): Promise<Table> {
	const table = await data().table(await asFile(file), columns);
	const selected = rows ? table.slice(...rows) : table;
	if (selected.length === 0)
		throw new Error(`${file.name}: no rows to measure (it has ${table.length})`);
	return { rows: selected, before: rows?.[0] ?? 0 };
}

/** The texts of a column. Throws `Error` naming the row that has none: a null, or an object without that key. */
export function column({ name: file }: { name: string }, table: Table, name: string): string[] {
	return table.rows.map((row, index) => {
		const value = row[name];
		if (value !== undefined) return value;
		const at = `${file}: row ${table.before + index + 1}`;
		if (table.rows.some((other) => Object.hasOwn(other, name)))
			throw new Error(
				`${at} has nothing in column "${name}"; write a text there or remove the row`,
			);
		throw new Error(`${at} has no column "${name}"; it has ${Object.keys(row).join(', ')}`);
	});
}

export async function readTexts({ file, columns, rows }: TextFile): Promise<TextSet[]> {
	const table = await readRows(file, rows, columns);
	return columns.map((language) => ({ language, texts: column(file, table, language) }));
}
