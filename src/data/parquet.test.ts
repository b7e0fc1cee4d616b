import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { toInstructionRows } from './alpaca.ts';
import { guessMapping } from './columnNames.ts';
import { readTable } from './table.ts';

type Columns = Parameters<typeof parquetWriteBuffer>[0];

const write = (columnData: Columns['columnData'], rest: Partial<Columns> = {}) =>
	new File([parquetWriteBuffer({ columnData, ...rest })], 'data.parquet');

describe('Parquet', () => {
	test('gives Alpaca rows as JSON does', async () => {
		const rows = [
			{ instruction: 'Sebut "telu" woh', input: '', output: 'gedhang,\njambu' },
			{ instruction: 'Etung', input: '1 + 1', output: '2' },
		];
		const columns = (['instruction', 'input', 'output'] as const).map((name) => ({
			name,
			data: rows.map((row) => row[name]),
			type: 'STRING' as const,
		}));
		const table = await readTable(write(columns));
		expect(table).toEqual({ columns: ['instruction', 'input', 'output'], rows });
		const mapping = guessMapping(table.columns)!;
		expect(toInstructionRows(table, mapping, 'data.parquet').rows).toEqual(rows);
	});

	test('writes other values as text', async () => {
		const file = write([
			{ name: 'n', data: [1, 2.5], type: 'DOUBLE' },
			{ name: 'big', data: [2n ** 60n, null], type: 'INT64', nullable: true },
			{ name: 'true', data: [true, false], type: 'BOOLEAN' },
			{ name: 'day', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
			{ name: 'many', data: [['a', 1n], []], type: 'JSON' },
		]);
		expect((await readTable(file)).rows).toEqual([
			{
				n: '1',
				big: '1152921504606846976',
				true: 'true',
				day: '1970-01-01T00:00:00.000Z',
				many: '["a",1]',
			},
			{ n: '2.5', big: '', true: 'false', day: '1970-01-01T00:00:00.001Z', many: '[]' },
		]);
	});

	test('refuses a file that is cut off, has no row, or is packed otherwise', async () => {
		const column = { name: 'text', data: ['a', 'b'], type: 'STRING' as const };
		const whole = new Uint8Array(await write([column]).arrayBuffer());
		const cut = new File([whole.slice(0, -9)], 'cut.parquet');
		await expect(readTable(cut)).rejects.toThrow(/^cut\.parquet: not a readable Parquet file/);
		await expect(readTable(write([{ ...column, data: [] }]))).rejects.toThrow(
			'data.parquet: there is no row',
		);
		const zipped = write([column], { codec: 'GZIP', compressors: { GZIP: (bytes) => bytes } });
		await expect(readTable(zipped)).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringContaining('column "text" is compressed with GZIP') as string,
		});
	});
});
