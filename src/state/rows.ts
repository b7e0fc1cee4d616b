/**
 * The range of training rows as two fields: rows left out before the first, and an end that may be left open. Pure.
 * The end is exclusive counted from 0, and so the last row counted from 1, as the page and messages count.
 */

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
