/** The range of training rows as two fields: a first row, and an end that may be left open. Pure. */

export type Rows = readonly [number, number] | null;

/** The stored range from what the fields say. An open end stops before the held-out rows; all of it is null. */
export function rowRange(
	first: number,
	end: number | null,
	total: number,
	heldOut: number,
): [number, number] | null {
	if (first === 0 && end === null) return null;
	return [first, end ?? total - heldOut];
}

/** What the fields show for a stored range. */
export function rowFields(
	rows: Rows,
	total: number,
	heldOut: number,
): { first: number; end: number | null } {
	if (!rows) return { first: 0, end: null };
	return { first: rows[0], end: rows[1] === total - heldOut ? null : rows[1] };
}
