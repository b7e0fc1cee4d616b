/** Tables out of Parquet files (the datasets of the Hugging Face hub). */
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { badData } from './text.ts';
import { checkFooter } from './thrift.ts';

/** Whether these bytes begin as a Parquet file does. */
export const isParquet = (bytes: Uint8Array): boolean =>
	String.fromCharCode(...bytes.subarray(0, 4)) === 'PAR1';

/**
 * Columns and rows in their order, values as they are. Pages may be uncompressed or snappy, as the hub writes them.
 * Throws `BadInput` naming the file, and the column where one is compressed otherwise.
 */
export async function readParquet(
	bytes: Uint8Array<ArrayBuffer>,
	file: string,
): Promise<{ columns: string[]; rows: Record<string, unknown>[] }> {
	const { buffer, byteOffset, byteLength } = bytes;
	const source = {
		byteLength,
		slice: (from: number, to = byteLength) => buffer.slice(byteOffset + from, byteOffset + to),
	};
	checkFooter(bytes, file);
	try {
		const metadata = await parquetMetadataAsync(source);
		for (const { meta_data: column } of metadata.row_groups.flatMap((group) => group.columns))
			if (column && column.codec !== 'UNCOMPRESSED' && column.codec !== 'SNAPPY')
				throw badData(
					file,
					`column "${column.path_in_schema.join('.')}" is compressed with ${column.codec}; write the file with snappy or without compression`,
				);
		const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
		return { columns, rows: await parquetReadObjects({ file: source, metadata }) };
	} catch (error) {
		if (error instanceof Error && error.name === 'BadInput') throw error;
		// What the engine says of a number that is none (TypeError, RangeError) is not for people.
		const isTold =
			error instanceof Error && error.name === 'Error' && !error.message.includes('[object ');
		const why = isTold ? error.message : 'it contradicts itself';
		throw badData(file, `not a readable Parquet file (${why}); is it complete?`);
	}
}
