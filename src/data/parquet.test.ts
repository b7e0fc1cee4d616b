import { readFileSync } from 'node:fs';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { toInstructionRows } from './alpaca.ts';
import { showCell } from './cells.ts';
import { guessMapping } from './columnNames.ts';
import { isParquet, readParquet } from './parquet.ts';
import { checkPages } from './parquetPages.ts';
import { readTable } from './table.ts';

type Columns = Parameters<typeof parquetWriteBuffer>[0];

const fixture = (name: string) =>
	new File([readFileSync(new URL(`fixtures/${name}.parquet`, import.meta.url))], `${name}.parquet`);

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

	test('keeps values as what they are, with the digits of the file', async () => {
		const file = write([
			{ name: 'n', data: [1, 2.5], type: 'DOUBLE' },
			{ name: 'big', data: [2n ** 60n, null], type: 'INT64', nullable: true },
			{ name: 'true', data: [true, false], type: 'BOOLEAN' },
			{ name: 'day', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
			{ name: 'many', data: [['a', 1n], []], type: 'JSON' },
		]);
		const [first, second] = (await readTable(file)).rows;
		expect(first).toEqual({
			n: { digits: '1.0' },
			big: { digits: '1152921504606846976' },
			true: true,
			day: { moment: '1970-01-01T00:00:00.000Z' },
			many: ['a', { digits: '1' }],
		});
		expect(second).toMatchObject({ n: { digits: '2.5' }, big: null, many: [] });
	});

	// Written by pyarrow 26; the texts are str() of its values.
	test('gives the digits that pyarrow gives', async () => {
		const { rows } = await readTable(fixture('types'));
		const column = (name: string) => rows.map((row) => showCell(row[name]!));
		expect(column('text')).toEqual(['Sampurasun', '', '']);
		expect(column('whole')).toEqual(['9007199254740993', '-1', '']);
		expect(column('unsigned')).toEqual(['18446744073709551615', '0', '']);
		expect(column('double')).toEqual(['1.0', '1e-05', '']);
		expect(column('double2')).toEqual(['1e+16', '123456.789', '0.1']);
		expect(column('single')).toEqual(['0.10000000149011612', '2.5', '']);
		expect(column('money')).toEqual(['2.50', '-0.05', '']);
		expect(column('fortune')).toEqual(['12345678901234567890.10', '-1.00', '']);
		expect(Object.keys(rows[0]!).filter((name) => rows[2]![name] === null)).toHaveLength(14);
		expect(rows[0]).toMatchObject({
			truth: true,
			day: { moment: '2024-01-31T00:00:00.000Z' },
			hour: { moment: 'a time of day' },
			list: ['siji', 'loro'],
			struct: new Map<string, unknown>([
				['a', 'x'],
				['n', { digits: '1' }],
			]),
			bytes: Uint8Array.of(255, 254),
		});
	});

	test('reads pages of either version, and lists of structs as chats', async () => {
		const { rows } = await readTable(fixture('pages'));
		expect(rows).toHaveLength(12);
		expect(rows.slice(0, 3)).toEqual([
			{ instruction: 'a', output: 'c' },
			{ instruction: 'b', output: 'd' },
			{ instruction: null, output: 'e' },
		]);
		const chats = await readTable(fixture('chats'));
		const mapping = guessMapping(chats.columns)!;
		expect(toInstructionRows(chats, mapping, 'chats.parquet').rows[1]?.chat).toEqual({
			messages: [
				{ role: 'system', content: 'Singkat.' },
				{ role: 'user', content: '2+2?' },
				{ role: 'assistant', content: '4' },
			],
		});
	});

	test('refuses a file that is cut off, has no row, or is packed otherwise', async () => {
		const column = { name: 'text', data: ['a', 'b'], type: 'STRING' as const };
		const whole = new Uint8Array(await write([column]).arrayBuffer());
		const cut = new File([whole.slice(0, -9)], 'cut.parquet');
		await expect(readTable(cut)).rejects.toThrow(/^cut\.parquet: not a readable Parquet file/);
		await expect(readTable(write([{ ...column, data: [] }]))).rejects.toThrow(
			namedError('BadInput', 'data.parquet: there is no row; choose a file with rows'),
		);
		const zipped = write([column], { codec: 'GZIP', compressors: { GZIP: (bytes) => bytes } });
		await expect(readTable(zipped)).rejects.toThrow(
			namedError(
				'BadInput',
				'data.parquet: column "text" is compressed with GZIP; write the file with snappy or without compression',
			),
		);
	});

	test('refuses a name that no object has, and pages that do not say how long their levels are', async () => {
		const named = write([{ name: '__proto__', data: ['a'], type: 'STRING' }]);
		await expect(readTable(named)).rejects.toThrow(
			'data.parquet: a column or field is named "__proto__", which cannot be read; rename it',
		);
		const file = write([{ name: 'text', data: ['a', 'b'], type: 'STRING' }]);
		const bytes = new Uint8Array(await file.arrayBuffer());
		// The header of a page of version 2: values, missing ones, rows, encoding; then the length of definition levels.
		const begin = [0x5c, 0x15, 4, 0x15, 0, 0x15, 4, 0x15, 0, 0x15];
		const at = bytes.findIndex((_, from) => begin.every((byte, i) => bytes[from + i] === byte));
		expect(at).toBeGreaterThan(4);
		// Makes it another field.
		bytes[at + 9] = 0x35;
		await expect(readTable(new File([bytes], 'x.parquet'))).rejects.toThrow(
			'x.parquet: not a readable Parquet file (levels exceed their page)',
		);
	});

	test('refuses a file whose sizes, counts or runs are damaged', { timeout: 60_000 }, async () => {
		const allowed =
			/^x\.parquet: (not a readable Parquet file|row \d+, column|column ".*" is compressed)/;
		let seed = 7;
		const draw = (below: number) => {
			seed = (seed * 1103515245 + 12345) % 2 ** 31;
			return seed % below;
		};
		for (const name of ['types', 'chats', 'pages'] as const) {
			const whole = readFileSync(new URL(`fixtures/${name}.parquet`, import.meta.url));
			for (let round = 0; round < 60; round++) {
				const bytes = new Uint8Array(whole);
				bytes[4 + draw(bytes.length - 4)] = [0x00, 0x7f, 0x80, 0xff][round % 4]!;
				const error = await readTable(new File([bytes], 'x.parquet')).then(() => null, String);
				if (error !== null) expect(error.replace(/^BadInput: /, '')).toMatch(allowed);
			}
		}
	});

	test.each(['UNCOMPRESSED', 'SNAPPY'] as const)('is read where it is %s', async (codec) => {
		const file = write([{ name: 'text', data: ['a', 'b'], type: 'STRING' }], { codec });
		expect((await readTable(file)).rows).toEqual([{ text: 'a' }, { text: 'b' }]);
	});

	test('is told by its first four bytes', () => {
		const bytes = (text: string) => new TextEncoder().encode(text);
		expect(
			['PAR1', 'PAR1 and more', 'PAR', 'PAR2', 'xPAR1', ''].map((text) => isParquet(bytes(text))),
		).toEqual([true, true, false, false, false, false]);
	});

	test('is read where it lies in other bytes', async () => {
		const file = write([{ name: 'text', data: ['a', 'b'], type: 'STRING' }]);
		const bytes = new Uint8Array(await file.arrayBuffer());
		const other = new Uint8Array(bytes.length + 9).fill(7);
		other.set(bytes, 5);
		await expect(readParquet(other.subarray(5, -4), 'x.parquet')).resolves.toEqual({
			...{ columns: ['text'], rows: [{ text: 'a' }, { text: 'b' }] },
		});
	});

	test('says why a file cannot be read, in words for people and not too many', async () => {
		const unreadable = (why: string) =>
			namedError('BadInput', `x.parquet: not a readable Parquet file (${why}); is it complete?`);
		const empty = new File(['PAR1', Uint8Array.of(0, 1, 0, 0, 0), 'PAR1'], 'x.parquet');
		await expect(readTable(empty)).rejects.toThrow(unreadable('it contradicts itself'));
		const name = 'n'.repeat(300);
		const file = write([{ name, data: ['a', 'b'], type: 'STRING' }]);
		const bytes = new Uint8Array(await file.arrayBuffer());
		// The header of a page of version 2: two values, none missing; then three.
		const begin = [0x5c, 0x15, 4, 0x15, 0, 0x15, 4];
		const at = bytes.findIndex((_, from) => begin.every((byte, i) => bytes[from + i] === byte));
		bytes[at + 2] = 6;
		await expect(readTable(new File([bytes], 'x.parquet'))).rejects.toThrow(
			unreadable(`a page of column "${name}" says it has 3 values`.slice(0, 200)),
		);
	});

	test('does not believe that a small file has a billion rows', async () => {
		const file = write([{ name: 'text', data: ['a'], type: 'STRING' }]);
		const bytes = new Uint8Array(await file.arrayBuffer());
		const metadata = parquetMetadata(bytes.buffer);
		const [group] = metadata.row_groups;
		metadata.num_rows = group!.num_rows = 1_000_000_000n;
		expect(() => {
			checkPages(bytes, metadata);
		}).toThrow(/1000000000 rows in \d+ bytes/);
	});
});
