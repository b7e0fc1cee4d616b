/** Cells out of what hyparquet makes of a Parquet file's values, with the digits and types that the file says. */
import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { parquetSchema } from 'hyparquet';
import { badCell, type Cell, type Place } from './cells.ts';
import { type Json, parseJson } from './json.ts';

type CellReader = (value: unknown, place: Place) => Cell;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Text where the bytes are UTF-8, else the bytes. hyparquet's own would write U+FFFD. */
function decoded(bytes: Uint8Array | undefined): unknown {
	if (!bytes) return bytes;
	try {
		return decoder.decode(bytes);
	} catch {
		return bytes;
	}
}

/** JSON is parsed with its column; a decimal in a byte array comes as it is (`keepTypes`). */
export const parsers = {
	stringFromBytes: decoded,
	jsonFromBytes: decoded,
	geometryFromBytes: (bytes: Uint8Array | undefined) => bytes,
	geographyFromBytes: (bytes: Uint8Array | undefined) => bytes,
};

/** What becomes of the values of each column, by its name. Asked before `keepTypes`. */
export function cellReaders(metadata: FileMetaData): Map<string, CellReader> {
	return new Map(
		parquetSchema(metadata).children.map((child) => [child.element.name, readerOf(child)]),
	);
}

const isDecimal = ({ converted_type: old, logical_type: type }: SchemaElement): boolean =>
	old === 'DECIMAL' || type?.type === 'DECIMAL';

/** Decimals that are multiplied by 10 ** -scale lose digits: they are read as the whole numbers that they are. */
export function keepTypes(metadata: FileMetaData): void {
	for (const element of metadata.schema.filter(isDecimal)) {
		delete element.converted_type;
		delete element.logical_type;
		if (element.type === 'BYTE_ARRAY') element.logical_type = { type: 'GEOMETRY' };
	}
}

function readerOf({ element, children }: SchemaTree): CellReader {
	if (children.length > 0) return nestedCell;
	if (isDecimal(element))
		return filled((value) => ({ digits: decimalText(value, element.scale ?? 0) }));
	if (isKind(element, 'JSON')) return jsonCell;
	if (isKind(element, 'TIME')) return filled(() => ({ moment: 'a time of day' }));
	return isFloat(element) ? filled((value) => floatCell(value as number)) : leafCell;
}

/** By the old name of a type (`TIME_MILLIS`) or the new one. */
const isKind = (
	{ converted_type: old, logical_type: logical }: SchemaElement,
	kind: 'JSON' | 'TIME',
): boolean => logical?.type === kind || old === kind || old?.startsWith(`${kind}_`) === true;

const isFloat = ({ type, logical_type: logical }: SchemaElement): boolean =>
	type === 'FLOAT' || type === 'DOUBLE' || logical?.type === 'FLOAT16';

/** A reader that only values that are there reach. */
const filled =
	(read: (value: unknown) => Cell): CellReader =>
	(value, place) =>
		typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array
			? read(value)
			: leafCell(value, place);

function jsonCell(value: unknown, place: Place): Cell {
	if (typeof value !== 'string') return leafCell(value, place);
	try {
		return parseJson(value);
	} catch {
		throw badCell(place, 'the column holds JSON, and this is none; correct it or remove the row');
	}
}

/** hyparquet says null where a value is missing; undefined is an entry that the dictionary does not have. */
function leafCell(value: unknown, place: Place): Cell {
	if (value !== undefined) return nestedCell(value);
	throw badCell(place, 'the dictionary has no such entry; the file is damaged, download it again');
}

function nestedCell(value: unknown): Cell {
	if (typeof value === 'number' || typeof value === 'bigint') return { digits: String(value) };
	if (typeof value === 'string' || typeof value === 'boolean') return value;
	if (typeof value !== 'object' || value === null) return null;
	if (value instanceof Date)
		return { moment: Number.isNaN(value.getTime()) ? 'no date' : value.toISOString() };
	if (value instanceof Uint8Array) return value;
	const inner = (item: unknown) => nestedCell(item) as Json;
	if (Array.isArray(value)) return value.map(inner);
	return new Map(Object.entries(value).map(([name, item]) => [name, inner(item)]));
}

/** As Python and pandas print a float; NaN is where pandas has nothing. */
function floatCell(value: number): Cell {
	return Number.isNaN(value) ? null : { digits: floatText(value) };
}

/** The shortest digits that are this float, as Python's `repr` has them: 1.0, 1e-05, 1e+16. */
export function floatText(value: number): string {
	if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
	if (Object.is(value, -0)) return '-0.0';
	const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
	const power = Number(exponent);
	if (power >= -4 && power < 16) return Number.isInteger(value) ? `${value}.0` : String(value);
	return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A whole number, or big-endian bytes of one in two's complement, with `scale` digits behind the point. */
function decimalText(value: unknown, scale: number): string {
	let whole = 0n;
	if (value instanceof Uint8Array) {
		for (const byte of value) whole = whole * 256n + BigInt(byte);
		whole = BigInt.asIntN(8 * value.length, whole);
	} else whole = BigInt(value as number | bigint);
	const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
	const point = digits.length - scale;
	const text = scale > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
	return whole < 0n ? `-${text}` : text;
}
