/** Columns of a table that must be there and filled. */
import { badData, type Table } from './table.ts';

/**
 * The cells of a column, white space around them left out, in the order of the rows. Throws `BadInput` naming file, row
 * and column where the column is missing or a cell is empty.
 */
export function filledColumn({ columns, rows }: Table, file: string, name: string): string[] {
	if (!columns.includes(name))
		throw badData(
			file,
			`there is no column "${name}"; it has ${columns.map((one) => `"${one}"`).join(', ')}`,
		);
	return rows.map((row, index) => {
		const cell = row[name]?.trim() ?? '';
		if (cell === '')
			throw badData(
				file,
				`row ${index + 1}, column "${name}": the cell is empty; fill it or remove the row`,
			);
		return cell;
	});
}
