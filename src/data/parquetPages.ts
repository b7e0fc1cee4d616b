/**
 * Pages of a Parquet file, checked before hyparquet decodes them: it believes every size and count (1.31.5), so that a
 * damaged one moves it backwards for good or lets a run of a few bytes fill the memory. What is decoded stays below 64
 * times the compressed bytes, and rows below 8 for each byte of the file and 100,000.
 */
import { type FileMetaData, snappyUncompress } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import {
	getMaxDefinitionLevel,
	getMaxRepetitionLevel,
	getSchemaPath,
} from 'hyparquet/src/schema.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { endOfStructure } from './thrift.ts';

type Column = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>;
type Header = ReturnType<typeof parquetHeader>;

interface Levels {
	readonly repetition: number;
	readonly definition: number;
}

/** Snappy copies at most 64 bytes by an element of two. */
const mostExpansion = 64;

/** Throws where a size, a count or a run of values cannot be true of this file. */
export function checkPages(bytes: Uint8Array, metadata: FileMetaData): void {
	const most = 100_000 + 8 * bytes.length;
	let rows = 0n;
	for (const group of metadata.row_groups) {
		rows += group.num_rows;
		need(group.num_rows >= 0n && rows <= most, `${rows} rows in ${bytes.length} bytes`);
		for (const { meta_data: column } of group.columns) {
			if (!column) throw new Error('a column has no metadata');
			const path = getSchemaPath(metadata.schema, column.path_in_schema);
			const levels = {
				repetition: getMaxRepetitionLevel(path),
				definition: getMaxDefinitionLevel(path),
			};
			const name = `column "${column.path_in_schema.join('.')}"`;
			need(
				levels.repetition > 0 ? column.num_values <= most : column.num_values === group.num_rows,
				`${name} says it has ${column.num_values} values`,
			);
			checkChunk(bytes, column, levels, name);
		}
	}
	need(rows === metadata.num_rows, `${rows} of ${metadata.num_rows} rows`);
}

function need(isTrue: boolean, otherwise: string): void {
	if (!isTrue) throw new Error(otherwise);
}

/** The pages of one column of one row group. */
function checkChunk(bytes: Uint8Array, column: Column, levels: Levels, name: string): void {
	const begin = Number(column.dictionary_page_offset ?? column.data_page_offset);
	const end = begin + Number(column.total_compressed_size);
	need(begin >= 4 && end >= begin && end <= bytes.length, `${name} is outside the file`);
	const reader = { view: viewOf(bytes.subarray(begin, end)), offset: 0 };
	let values = 0;
	while (reader.offset < reader.view.byteLength - 1) {
		endOfStructure(bytes.subarray(0, end), begin + reader.offset);
		const header = parquetHeader(reader);
		const { compressed_page_size: size, uncompressed_page_size: full } = header;
		const damaged = `a page of ${name} has a damaged header`;
		need(Number.isInteger(size) && Number.isInteger(full), damaged);
		need(
			size >= 0 && reader.offset + size <= reader.view.byteLength,
			`a page of ${name} says it has ${size} bytes`,
		);
		need(
			full >= 0 && full <= mostExpansion * (size + 1),
			`a page of ${name} says that ${size} bytes are ${full}`,
		);
		const page = bytes.subarray(begin + reader.offset, begin + reader.offset + size);
		const count = checkPage(page, header, column, levels, name);
		values += count;
		need(values <= column.num_values, `the pages of ${name} have more than its values`);
		reader.offset += size;
	}
	need(BigInt(values) === column.num_values, `the pages of ${name} have ${values} values`);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
	new DataView(buffer, byteOffset, byteLength);

/** Of a field that a damaged header may lack, whatever its type says. */
const isCount = (count: number | undefined, most: number): count is number =>
	count !== undefined && Number.isInteger(count) && count >= 0 && count <= most;

/** Checks a page and returns how many values it has; a dictionary has none of the column. */
function checkPage(
	page: Uint8Array,
	header: Header,
	column: Column,
	levels: Levels,
	name: string,
): number {
	const { type, dictionary_page_header: dictionary } = header;
	const full = header.uncompressed_page_size;
	if (type === 'DICTIONARY_PAGE') {
		need(isCount(dictionary?.num_values, 8 * full), `the dictionary of ${name} is damaged`);
		return 0;
	}
	const data = type === 'DATA_PAGE' ? header.data_page_header : header.data_page_header_v2;
	const count = data?.num_values;
	need(data !== undefined && count !== undefined, `a page of ${name} has a damaged header`);
	if (!isCount(count, Number(column.num_values)))
		throw new Error(`a page of ${name} says it has ${count} values`);
	if (count > 0) checkValues(page, header, column, levels);
	return count;
}

/** Checks the runs of levels and of numbers of dictionary entries. */
function checkValues(page: Uint8Array, header: Header, column: Column, levels: Levels): void {
	const { data_page_header: one, data_page_header_v2: two } = header;
	const widths = [levels.repetition, levels.definition].filter((most) => most > 0).map(bitWidth);
	if (one) {
		const plain = unpack(page, header.uncompressed_page_size, column.codec === 'SNAPPY');
		const view = viewOf(plain);
		let offset = 0;
		for (const width of widths) {
			const length = view.getUint32(offset, true);
			checkRuns(plain.subarray(offset + 4, offset + 4 + length), width, one.num_values);
			offset += 4 + length;
		}
		checkEncoded(plain.subarray(offset), one.encoding, one.num_values, 4);
	} else if (two) {
		const { repetition_levels_byte_length: repetition, num_nulls: nulls } = two;
		const before = repetition + two.definition_levels_byte_length;
		need(isCount(repetition, before) && isCount(before, page.length), 'levels exceed their page');
		need(isCount(nulls, two.num_values), `${nulls} of ${two.num_values} values are missing`);
		if (levels.repetition > 0)
			checkRuns(page.subarray(0, repetition), bitWidth(levels.repetition), two.num_values);
		if (levels.definition > 0)
			checkRuns(page.subarray(repetition, before), bitWidth(levels.definition), two.num_values);
		const isPacked = two.is_compressed !== false && column.codec === 'SNAPPY';
		const full = header.uncompressed_page_size - before;
		checkEncoded(unpack(page.subarray(before), full, isPacked), two.encoding, two.num_values, 4);
	}
}

const bitWidth = (most: number): number => 32 - Math.clz32(most);

function unpack(page: Uint8Array, size: number, isPacked: boolean): Uint8Array {
	if (!isPacked) return page;
	const output = new Uint8Array(size);
	snappyUncompress(page, output);
	return output;
}

function checkEncoded(bytes: Uint8Array, encoding: string, count: number, prefix: number): void {
	if (encoding.endsWith('_DICTIONARY')) {
		const [width = 0] = bytes;
		need(width <= 32, `an entry of the dictionary is named by ${width} bits`);
		checkRuns(bytes.subarray(1), width, count);
	} else if (encoding === 'RLE') checkRuns(bytes.subarray(prefix), 1, count);
	else if (encoding.startsWith('DELTA')) {
		const reader = { view: viewOf(bytes), offset: 0 };
		const [block, parts] = [readVarInt(reader), readVarInt(reader)];
		need(block > 0 && block <= 1 << 20 && parts > 0 && parts <= block, 'a block is damaged');
	}
}

/** Writers fill the last group of eight; some a whole run of them. */
const slack = 512;

/** Runs of the RLE and bit-packed hybrid: none may say that it has more values than are left. */
function checkRuns(bytes: Uint8Array, width: number, count: number): void {
	const reader = { view: viewOf(bytes), offset: 0 };
	let seen = 0;
	while (seen < count && reader.offset < bytes.length) {
		const header = readVarInt(reader);
		const isPacked = (header & 1) === 1;
		const values = isPacked ? (header >>> 1) * 8 : header >>> 1;
		need(
			values <= count - seen + slack,
			`a run of ${values} values where ${count - seen} are left`,
		);
		reader.offset += isPacked ? (values / 8) * width : (width + 7) >> 3;
		seen += values;
	}
}
