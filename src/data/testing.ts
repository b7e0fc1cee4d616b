/** Parquet pages and what a file says of them, for tests. */
import type { FileMetaData } from 'hyparquet';
import { checkPages } from './parquetPages.ts';

type Value = number | boolean | Fields;
interface Fields {
	readonly [field: number]: Value;
}

/** A whole number in bytes of seven bits. */
export const varint = (value: number): number[] =>
	value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];

/** Thrift's compact protocol: whole numbers, truth values and structures by their field numbers. */
function structure(fields: Fields): number[] {
	let before = 0;
	const bytes = (Object.entries(fields) as [string, Value][]).flatMap(([field, value]) => {
		const step = 16 * (Number(field) - before);
		before = Number(field);
		if (typeof value === 'number')
			return [step + 5, ...varint(value < 0 ? -2 * value - 1 : 2 * value)];
		if (typeof value === 'boolean') return [step + (value ? 1 : 2)];
		return [step + 12, ...structure(value)];
	});
	return [...bytes, 0];
}

/** Encodings by their numbers. */
export const encodings = { plain: 0, oldDictionary: 2, rle: 3, delta: 5, dictionary: 8, split: 9 };

/** A page whose header says of the body what is true, but for `said`. */
export const page = (type: number, body: readonly number[], said: Fields = {}): number[] => [
	...structure({ 1: type, 2: body.length, 3: body.length, ...said }),
	...body,
];
export const pageOne = (
	values: number,
	encoding: number,
	body: readonly number[],
	said: Fields = {},
) => page(0, body, { 5: { 1: values, 2: encoding, 3: encodings.rle, 4: encodings.rle }, ...said });
/** `said`: fields of the header of version 2: 2 missing values, 5 and 6 bytes of levels, 7 whether it is compressed. */
export const pageTwo = (
	values: number,
	encoding: number,
	body: readonly number[],
	said: Fields = {},
	full = body.length,
) => {
	const two = { 1: values, 2: 0, 3: values, 4: encoding, 5: 0, 6: 0, ...said };
	return page(3, body, { 2: full, 8: two });
};
export const pageOfDictionary = (values: number, full: number) =>
	page(2, [], { 2: full, 7: { 1: values, 2: encodings.plain } });

type Repetition = 'REQUIRED' | 'OPTIONAL' | 'REPEATED';

export interface Said {
	readonly rows?: number;
	readonly values?: number;
	readonly begin?: number;
	readonly size?: number;
	readonly codec?: 'UNCOMPRESSED' | 'SNAPPY';
	/** Of the fields from the outermost to the one of the values: of `a.b`, two. */
	readonly fields?: readonly Repetition[];
	readonly dictionary?: boolean;
}

/** A file of one column of three rows, but for what it says otherwise, and what it says of the column. */
export function fileOf(pages: readonly (readonly number[])[], said: Said = {}) {
	const {
		rows = 3,
		values = rows,
		begin = 4,
		fields = ['REQUIRED'],
		codec = 'UNCOMPRESSED',
	} = said;
	const content = pages.flat();
	const bytes = Uint8Array.from([...Array.from('PAR1', (one) => one.charCodeAt(0)), ...content]);
	const names = Array.from('abcdef').slice(0, fields.length);
	const last = fields.length - 1;
	const offset = BigInt(begin);
	const column = {
		...{ codec, num_values: BigInt(values), path_in_schema: names, data_page_offset: offset },
		...(said.dictionary ? { dictionary_page_offset: offset, data_page_offset: 1000n } : {}),
		total_compressed_size: BigInt(said.size ?? content.length),
	};
	const elements = names.map((name, at) => ({
		...{ name, repetition_type: fields[at] },
		...(at === last ? { type: 'BYTE_ARRAY' } : { num_children: 1 }),
	}));
	const group = { num_rows: BigInt(rows), columns: [{ meta_data: column }] };
	const metadata = {
		schema: [{ name: 'schema', num_children: 1 }, ...elements],
		...{ num_rows: BigInt(rows), row_groups: [group] },
	} as unknown as FileMetaData;
	return { bytes, metadata };
}

export const check = (pages: readonly (readonly number[])[], said?: Said) => () => {
	const { bytes, metadata } = fileOf(pages, said);
	checkPages(bytes, metadata);
};

/** A run of equal values in one byte, and a run of whole groups of eight in `bytes`. */
export const run = (values: number, value = 1) => [...varint(2 * values), value];
export const packed = (groups: number, ...bytes: number[]) => [...varint(2 * groups + 1), ...bytes];
