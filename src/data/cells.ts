/** Values of a table's cells. They keep the type that the file gives them until someone needs a text. */
import { isDigits, isList, isObject, type Json, writeJson } from './json.ts';
import { badData } from './text.ts';

/** A day, a time or both, as ISO 8601. */
export interface Moment {
	readonly moment: string;
}

export type Cell = Json | Moment | Uint8Array;

/** A row lacks the columns that its object in the file lacks. */
export type Row = Readonly<Record<string, Cell>>;

/** Where a cell is, for messages; the row counts from 0. */
export interface Place {
	readonly file: string;
	readonly row: number;
	readonly column: string;
}

/** The cell of a column; null where the row has none, or nothing in it. */
export function cellOf(row: Row | undefined, column: string): Cell {
	return row && Object.hasOwn(row, column) ? (row[column] ?? null) : null;
}

/**
 * The text of a cell: text as it is, of a number the digits of the file, empty where there is nothing. Throws `BadInput`
 * naming file, row and column where it is anything else (`true` is spelled in one way in JSON and in another one in
 * Python, a date in many) or where half a surrogate pair is in it, which no tokenizer can take.
 */
export function textOf(cell: Cell, place: Place): string {
	if (cell === null) return '';
	if (isDigits(cell)) return cell.digits;
	if (typeof cell !== 'string')
		throw badCell(place, `${kindOf(cell)}, not a text; ${advice(cell)}`);
	if (!/\p{Surrogate}/u.test(cell)) return cell;
	throw badCell(
		place,
		'the text has half a surrogate pair (\\ud800 to \\udfff), which is no character; correct it or remove the row',
	);
}

/** An error about one cell. */
export function badCell({ file, row, column }: Place, problem: string): Error {
	return badData(file, `row ${row + 1}, column "${column}": ${problem}`);
}

/** Whether `textOf` takes it. */
export const isText = (cell: Cell): boolean =>
	cell === null || typeof cell === 'string' || isDigits(cell);

/** What a cell that is no text is, in words. */
export function kindOf(cell: Cell): string {
	if (cell instanceof Uint8Array) return `${cell.length} bytes`;
	if (typeof cell === 'boolean') return `${cell}, a truth value`;
	if (isObject(cell)) return `an object (${short([...cell.keys()].join(', '))})`;
	if (isList(cell)) return `a list of ${cell.length} (${short(showCell(cell))})`;
	if (isMoment(cell)) return `${cell.moment}, a date`;
	return 'a text';
}

function advice(cell: Cell): string {
	if (isList(cell))
		return 'write one text in every row (of several answers, such as preferences, the one to be learned)';
	if (typeof cell === 'boolean' || isMoment(cell))
		return 'write it as a text, in quotes, as it is to be learned';
	return 'write a text, or choose another column';
}

const isMoment = (cell: Cell): cell is Moment =>
	typeof cell === 'object' && cell !== null && 'moment' in cell;

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)} …` : text);

/** A cell for people to see. */
export function showCell(cell: Cell): string {
	if (cell === null) return '';
	if (typeof cell === 'string') return cell;
	if (cell instanceof Uint8Array) return `${cell.length} bytes`;
	return isMoment(cell) ? cell.moment : writeJson(cell);
}
