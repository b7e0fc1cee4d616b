/** Columns of a table that must be there and filled. */
import { cellText, type NamedTable } from './table.ts';
import { badData } from './text.ts';

/** Throws `BadInput` naming file and column where one is missing. */
export function needColumns({ table, file }: NamedTable, names: readonly string[]): void {
	const { columns } = table;
	const missing = names.find((name) => !columns.includes(name));
	if (missing === undefined) return;
	const present = columns.map((name) => `"${name}"`).join(', ');
	throw badData(file, `there is no column "${missing}"; it has ${present}`);
}

/**
 * A cell, white space around it left out. `row` counts from 0. Throws `BadInput` naming file, row and column where it is
 * empty or no text.
 */
export function filledCell(named: NamedTable, row: number, name: string): string {
	const cell = cellText(named, row, name).trim();
	if (cell !== '') return cell;
	throw badData(
		named.file,
		`row ${row + 1}, column "${name}": the cell is empty; fill it or remove the row`,
	);
}

/** The filled cells of a column in the order of the rows. Throws as the two above. */
export function filledColumn(named: NamedTable, name: string): string[] {
	needColumns(named, [name]);
	return named.table.rows.map((_, row) => filledCell(named, row, name));
}
