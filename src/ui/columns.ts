/** Columns of a table as the options of a choice. */

export interface Option {
	readonly value: string;
	readonly label: string;
}

/** One option per column, after one for "no column" where that is allowed. */
export function columnOptions(columns: readonly string[], none = false): readonly Option[] {
	const options = columns.map((column) => ({ value: column, label: column }));
	return none ? [{ value: '', label: '(none)' }, ...options] : options;
}
