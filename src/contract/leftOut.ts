/** Rows that nothing is learned of, counted, and in words for wherever people look. */

export interface LeftOut {
	/** Rows that there were. */
	readonly of: number;
	readonly reasons: readonly LeftOutReason[];
}

export interface LeftOutReason {
	/** Completes "2 ...": `without an output`. */
	readonly why: string;
	readonly rows: number;
	/** Numbers of the first ones, from 1. */
	readonly first: readonly number[];
}

export interface LeftOutRow {
	/** Its number, from 1. */
	readonly row: number;
	readonly why: string;
}

/** Row numbers that are named; the others are counted. */
const named = 5;

/** Counts rows by why they are left out. */
export function countLeftOut(of: number, rows: readonly LeftOutRow[]): LeftOut {
	const whys = [...new Set(rows.map(({ why }) => why))];
	const reasons = whys.map((why) => {
		const all = rows.filter((one) => one.why === why).map(({ row }) => row);
		return { why, rows: all.length, first: all.slice(0, named) };
	});
	return { of, reasons };
}

/** `3 of 500 rows are left out: 2 without an output (rows 7 and 9), 1 without an instruction (row 12)`; empty for none. */
export function leftOutText({ of, reasons }: LeftOut): string {
	const total = reasons.reduce((sum, { rows }) => sum + rows, 0);
	if (total === 0) return '';
	const parts = reasons.map(
		({ why, rows, first }) =>
			`${count(rows)} ${why} (${rows === 1 ? 'row' : 'rows'} ${first.join(', ')}${rows > first.length ? ', …' : ''})`,
	);
	const are = total === 1 ? 'is' : 'are';
	return `${count(total)} of ${count(of)} ${of === 1 ? 'row' : 'rows'} ${are} left out: ${parts.join('; ')}`;
}

/** Of `PreparedData`. */
interface PreparedRows {
	readonly rows: number;
	readonly cutRows: number;
	readonly leftOut: LeftOut;
	readonly notes?: readonly string[];
}

/** What people should know of prepared rows: those left out, those that were cut, and its notes. Empty where there is nothing. */
export function preparedNotes(
	{ rows, cutRows, leftOut, notes = [] }: PreparedRows,
	rowTokens: number,
): string[] {
	const cut =
		cutRows === 0
			? ''
			: `${count(cutRows)} of ${count(rows)} training rows ${cutRows === 1 ? 'is' : 'are'} cut to ${count(rowTokens)} tokens`;
	return [leftOutText(leftOut), cut, ...notes].filter((note) => note !== '');
}

const count = (value: number): string => value.toLocaleString('en');
