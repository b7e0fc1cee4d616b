/** Data files: JSON, JSON lines, CSV, Parquet, and lines of text. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ColumnMapping, InstructionRow } from '../../contract/library.ts';
import { toInstructionRows } from '../../data/alpaca.ts';
import { readTable } from '../../data/table.ts';
import { readLines } from '../../data/text.ts';
import { createData } from '../../session/data.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonLine, jsonMutators } from '../mutate/json.ts';
import { parquetMutators } from '../mutate/lengths.ts';
import { textMutators } from '../mutate/text.ts';
import { type Bytes, claim, jsonBytes, type Target, utf8 } from '../target.ts';

const noStore = () => Promise.reject(new Error('nothing is stored here'));

/** What a person may choose, whatever the columns mean. */
function mappings([first = '', second = first, third]: readonly string[]): ColumnMapping[] {
	return [
		{ instruction: first, input: third ?? null, output: second },
		{ instruction: null, input: null, output: first },
	];
}

/** As the page reads a dataset: preview, table, and rows to train on. */
async function readData(bytes: Bytes, name: string): Promise<void> {
	const file = new File([bytes], name);
	const { columns } = await createData(noStore).preview(file);
	claim(new Set(columns).size === columns.length, 'a column is there twice');
	const table = await readTable(file);
	if (name.endsWith('.parquet'))
		claim(
			columns.every((column) => table.rows.every((row) => Object.hasOwn(row, column))),
			'a column is lost',
		);
	const refusals: Error[] = [];
	for (const mapping of mappings(columns))
		try {
			for (const row of rowsOf(toInstructionRows(table, mapping, name)))
				claim(
					[row.instruction, row.input, row.output].every((text) => typeof text === 'string'),
					'a cell is no text',
				);
		} catch (error) {
			if (!(error instanceof Error && error.name === 'BadInput')) throw error;
			refusals.push(error);
		}
	const [first, second] = refusals;
	if (first && second) throw first;
}

type Made = readonly InstructionRow[] | { readonly rows: readonly InstructionRow[] };

const rowsOf = (made: Made): readonly InstructionRow[] => ('rows' in made ? made.rows : made);

const rows = [
	{ instruction: 'Sebut "telu" woh', input: '', output: 'gedhang,\njambu é 🙂' },
	{ instruction: 'Etung', input: '1 + 1', output: '2' },
	{ instruction: 'Tulis', input: 'a', output: 'b' },
];

export const json: Target = {
	name: 'json',
	seeds: () => [jsonBytes(rows), utf8(JSON.stringify(rows, null, '\t'))],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	read: (bytes) => readData(bytes, 'data.json'),
};

const asLines = (values: readonly unknown[]): Bytes =>
	utf8(values.map((value) => JSON.stringify(value)).join('\n'));

export const jsonl: Target = {
	name: 'jsonl',
	seeds: () => [asLines(rows), asLines([{ text: 'a' }, { text: 'b' }])],
	mutators: [...byteMutators, ...textMutators, jsonLine, jsonLine, jsonLine],
	read: (bytes) => readData(bytes, 'data.jsonl'),
};

export const csv: Target = {
	name: 'csv',
	seeds: () => [
		utf8('instruction,input,output\n"a ""b""",,"c,\nd"\ne,f,é\n'),
		utf8('\ufeffprompt;answer\r\na;b\r\n"c;d";e\r\n'),
		utf8('text\tlabel\na\tb\n'),
	],
	mutators: [...byteMutators, ...textMutators, ...textMutators],
	read: (bytes) => readData(bytes, 'data.csv'),
};

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

function parquetFiles(): Bytes[] {
	const texts: Columns = (['instruction', 'input', 'output'] as const).map((name) => ({
		...{ name, type: 'STRING' as const },
		data: rows.map((row) => row[name]),
	}));
	const values: Columns = [
		{ name: 'n', data: [1, 2.5], type: 'DOUBLE' },
		{ name: 'big', data: [2n ** 60n, null], type: 'INT64', nullable: true },
		{ name: 'true', data: [true, false], type: 'BOOLEAN' },
		{ name: 'day', data: [new Date(0), new Date(1)], type: 'TIMESTAMP' },
		{ name: 'many', data: [['a', 1n], []], type: 'JSON' },
	];
	const repeated: Columns = [
		{ name: 'output', data: Array.from({ length: 50 }, (_, i) => `x${i % 3}`), type: 'STRING' },
		{ name: 'prompt', data: Array.from({ length: 50 }, () => 'p'), type: 'STRING' },
	];
	return [
		new Uint8Array(parquetWriteBuffer({ columnData: texts })),
		new Uint8Array(parquetWriteBuffer({ columnData: texts, codec: 'UNCOMPRESSED' })),
		new Uint8Array(parquetWriteBuffer({ columnData: values, codec: 'UNCOMPRESSED' })),
		new Uint8Array(parquetWriteBuffer({ columnData: repeated })),
	];
}

export const parquet: Target = {
	name: 'parquet',
	seeds: parquetFiles,
	mutators: [...byteMutators, ...parquetMutators],
	read: (bytes) => readData(bytes, 'data.parquet'),
};

export const lines: Target = {
	name: 'lines',
	seeds: () => [utf8('a\nb é\n'), utf8('a\r\nb')],
	mutators: [...byteMutators, ...textMutators],
	read: async (bytes) => {
		await Promise.resolve();
		readLines(bytes, 'lines.txt');
	},
};
