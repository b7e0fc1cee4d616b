/** Tables out of Parquet files (the datasets of the Hugging Face hub). */
import {
	type FileMetaData,
	parquetMetadataAsync,
	parquetReadObjects,
	parquetSchema,
} from 'hyparquet';
import type { Row } from './cells.ts';
import { cellReaders, keepTypes, parsers } from './parquetCells.ts';
import { checkPages } from './parquetPages.ts';
import { badData } from './text.ts';
import { checkFooter } from './thrift.ts';

/** Whether these bytes begin as a Parquet file does. */
export const isParquet = (bytes: Uint8Array): boolean =>
	String.fromCharCode(...bytes.subarray(0, 4)) === 'PAR1';

/**
 * Columns and rows in their order, values with their types. Pages may be uncompressed or snappy, as the hub writes them.
 * Throws `BadInput` naming the file, and the column where one is compressed otherwise or its pages are damaged.
 */
export async function readParquet(
	bytes: Uint8Array<ArrayBuffer>,
	file: string,
): Promise<{ columns: string[]; rows: Row[] }> {
	const { buffer, byteOffset, byteLength } = bytes;
	const source = {
		byteLength,
		slice: (from: number, to = byteLength) => buffer.slice(byteOffset + from, byteOffset + to),
	};
	checkFooter(bytes, file);
	try {
		const metadata = await parquetMetadataAsync(source, { parsers, geoparquet: false });
		checkCompression(metadata, file);
		checkNames(metadata, file);
		checkPages(bytes, metadata);
		const readers = cellReaders(metadata);
		keepTypes(metadata);
		const found = await parquetReadObjects({ file: source, metadata, parsers });
		if (BigInt(found.length) !== metadata.num_rows)
			throw new Error(`${found.length} of ${metadata.num_rows} rows`);
		const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
		const rows = found.map((row, index): Row => {
			const cells = columns.map((name) => {
				const read = readers.get(name);
				if (!read || !Object.hasOwn(row, name)) throw new Error(`no column "${name}"`);
				return [name, read(row[name], { file, row: index, column: name })] as const;
			});
			return Object.fromEntries(cells);
		});
		return { columns, rows };
	} catch (error) {
		if (error instanceof Error && error.name === 'BadInput') throw error;
		// What the engine says of a number that is none (TypeError, RangeError) is not for people.
		const isTold =
			error instanceof Error && error.name === 'Error' && !error.message.includes('[object ');
		const why = isTold ? error.message.slice(0, 200) : 'it contradicts itself';
		throw badData(file, `not a readable Parquet file (${why}); is it complete?`);
	}
}

function checkCompression(metadata: FileMetaData, file: string): void {
	for (const { meta_data: column } of metadata.row_groups.flatMap((group) => group.columns))
		if (column && column.codec !== 'UNCOMPRESSED' && column.codec !== 'SNAPPY')
			throw badData(
				file,
				`column "${column.path_in_schema.join('.')}" is compressed with ${column.codec}; write the file with snappy or without compression`,
			);
}

/** hyparquet keeps values under their names in plain objects, where this one is no name. */
function checkNames({ schema }: FileMetaData, file: string): void {
	if (schema.some(({ name }) => name === '__proto__'))
		throw badData(file, 'a column or field is named "__proto__", which cannot be read; rename it');
}
