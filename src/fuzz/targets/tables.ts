/** Data files: JSON, JSON lines, CSV, Parquet, and lines of text. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { guessMapping, toInstructionRows } from '../../data/alpaca.ts';
import { readTable } from '../../data/table.ts';
import { readLines } from '../../data/text.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonLine, jsonMutators } from '../mutate/json.ts';
import { parquetMutators } from '../mutate/lengths.ts';
import { textMutators } from '../mutate/text.ts';
import { type Bytes, claim, jsonBytes, type Target, utf8 } from '../target.ts';

/** As a dataset is read: its table, then rows to train on by every mapping that a person may choose. */
async function readData(bytes: Bytes, name: string): Promise<void> {
	const table = await readTable(new File([bytes], name));
	const { columns } = table;
	claim(new Set(columns).size === columns.length, 'a column is there twice');
	const [first = '', second = first] = columns;
	const guessed = guessMapping(columns);
	const chosen = { instruction: first, input: columns[2] ?? null, output: second };
	for (const mapping of guessed ? [guessed, chosen] : [chosen])
		for (const row of toInstructionRows(table, mapping, name))
			claim(
				[row.instruction, row.input, row.output].every((text) => typeof text === 'string'),
				'a cell is no text',
			);
}

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
