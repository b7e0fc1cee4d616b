import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { cellText, parseTable, readTable } from './table.ts';

const parse = (text: string, file = 'data.csv') => parseTable(new TextEncoder().encode(text), file);

describe('CSV', () => {
	test('keeps quotes, delimiters and line breaks inside fields, drops the byte order mark', () => {
		const text =
			'\uFEFFid,text,label\r\n1,"Roti, ""enak""\nlan murah",positive\r\n\r\n2,ala,negative\r\n';
		expect(parse(text)).toEqual({
			columns: ['id', 'text', 'label'],
			rows: [
				{ id: '1', text: 'Roti, "enak"\nlan murah', label: 'positive' },
				{ id: '2', text: 'ala', label: 'negative' },
			],
		});
	});

	test.each([
		['a;b\n1,5;2\n', { a: '1,5', b: '2' }],
		['a\tb\n1\t"2"\n', { a: '1', b: '2' }],
		['"a,x"|b\n1|2\n', { 'a,x': '1', b: '2' }],
		['only\nword, with comma\n', null],
	])('takes the delimiter of the header line: %j', (text, row) => {
		if (row) expect(parse(text).rows).toEqual([row]);
		else expect(() => parse(text)).toThrow(/row 1 has 2 columns, the header 1 \(only\)/);
	});

	test.each([
		['', /: the file is empty; choose one with rows$/],
		[' \n', /: the file is empty; choose one with rows$/],
		['a,b\n', /: there is a header but no row; choose a file with rows$/],
		['a,a\n1,2\n', /column "a" twice/],
		['a,b\n1,2\n3\n', /row 2 has 1 columns, the header 2 \(a, b\)/],
		['a,b\n1,2,3\n', /row 1 has 3 columns/],
		['a,b\n1,2\n3,"x\n4,5\n', /row 2, column "b": Quoted field unterminated/],
		['a,b\n1,\0\n', /row 1, column "b": line 2, byte 3, is a NUL byte/],
		['sep=;\na;a\n1;2\n', /column "a" twice/],
	])('refuses %j', (text, message) => {
		expect(() => parse(text)).toThrow(message);
		expect(() => parse(text)).toThrow(/^data\.csv: /);
	});

	test.each([
		['sep=;\na;b\n1,5;2\n', { a: '1,5', b: '2' }],
		['"sep=\t"\r\na\tb\r\n1\t2', { a: '1', b: '2' }],
		['\uFEFFSEP=|\na|b\n1|"2|3"\n', { a: '1', b: '2|3' }],
		['a,b\n007,2.50\n', { a: '007', b: '2.50' }],
		['a,b\ntrue,NaN\n', { a: 'true', b: 'NaN' }],
	])("reads Excel's line of the delimiter, and cells as they are written: %j", (text, row) => {
		expect(parse(text)).toEqual({ columns: ['a', 'b'], rows: [row] });
	});

	test('reads UTF-16 with a byte order mark, of either order', () => {
		const text = '\uFEFFinstruction\toutput\r\nSebut 😀\tDurèn\r\n';
		const units = Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
		const little = new Uint8Array(units.buffer);
		const big = little.map((_, at) => little[at ^ 1]!);
		for (const bytes of [little, big])
			expect(parseTable(bytes, 'x.txt').rows).toEqual([
				{ instruction: 'Sebut 😀', output: 'Durèn' },
			]);
	});

	test('refuses other encodings by name', () => {
		const broken = Uint8Array.of(0xff, 0xfe, 97, 0, 0, 0xd8);
		expect(() => parseTable(broken, 'x.csv')).toThrow(/begins as UTF-16 and is not valid/);
		expect(() => parseTable(Uint8Array.of(97, 10, 0xe9, 10), 'x.csv')).toThrow(
			/not valid UTF-8 from line 2, byte 1;/,
		);
	});
});

describe('JSON', () => {
	test('reads an array of objects, values with their types', () => {
		const text = '[{"a":"x","n":1,"e":null},{"a":"y","ids":["p"]}]';
		expect(parse(text, 'data.json')).toEqual({
			columns: ['a', 'n', 'e', 'ids'],
			rows: [
				{ a: 'x', n: { digits: '1' }, e: null },
				{ a: 'y', ids: ['p'] },
			],
		});
	});

	test('reads one object per line, blank lines skipped', () => {
		const rows = [{ a: 'x\u2028y' }, { a: '2' }];
		expect(parse('{"a":"x\u2028y"}\r\n\n{"a":"2"}', 'data.jsonl').rows).toEqual(rows);
	});

	test.each([
		['[]', /array is empty/],
		['[{"a":1},\n{"a":2},\n{"a":}]', /not valid JSON at line 3, column 6, in row 3/],
		['[{"a":1},\n{"a":', /not valid JSON: the file is cut off at line 2, column 6, in row 2/],
		['[{"a":1},[2]]', /row 2 is \[2\], not an object/],
		['{"a":1}\n{"a"\n', /line 2 is not a JSON object/],
		['{"a":1}\n7\n', /line 2 is 7, not an object/],
		['[{"a":1,"b":2,"a":3}]', /the key "a" is there twice at line 1, column 15, in row 1/],
		['{"a":1}\n{"a":1,"a":1}', /line 2 .*the key "a" is there twice/],
	])('refuses %j', (text, message) => {
		expect(() => parse(text, 'data.json')).toThrow(message);
	});
});

describe('JSON by columns, or wrapped', () => {
	const two = [
		{ instruction: 'a', output: 'b' },
		{ instruction: 'c', output: 'd' },
	];

	// What pandas 3 writes: default, index, split, records; datasets' batches; question-answer sets.
	test.each([
		'{"instruction":{"0":"a","1":"c"},"output":{"0":"b","1":"d"}}',
		'{"0":{"instruction":"a","output":"b"},"1":{"instruction":"c","output":"d"}}',
		'{"columns":["instruction","output"],"index":[0,1],"data":[["a","b"],["c","d"]]}',
		'[{"instruction":"a","output":"b"},{"instruction":"c","output":"d"}]',
		'{"instruction":["a","c"],"output":["b","d"]}',
		'{"data":[{"instruction":"a","output":"b"},{"instruction":"c","output":"d"}]}',
		'{"version":"1.1",\n"train":[{"instruction":"a","output":"b"},\n{"instruction":"c","output":"d"}]}',
	])('reads %s', (text) => {
		expect(parse(text, 'data.json').rows).toEqual(two);
	});

	test('keeps the digits and nulls of columns, and the order of more than nine rows', () => {
		const index = Array.from({ length: 12 }, (_, row) => row);
		const column = (of: (row: number) => string) =>
			`{${index.map((row) => `"${row}":${of(row)}`).join(',')}}`;
		const text = `{"a":${column((row) => `${row}.50`)},"b":${column((row) => (row === 3 ? 'null' : '"x"'))}}`;
		const { rows } = parse(text, 'data.json');
		expect(rows.map((row) => row['a'])).toEqual(index.map((row) => ({ digits: `${row}.50` })));
		expect(rows[3]).toEqual({ a: { digits: '3.50' }, b: null });
	});

	test.each([
		['one chat', '{"messages":[{"role":"user","content":"a"}]}'],
		['a row with facts', '{"instruction":"a","output":"b","meta":[{"id":"1"}]}'],
		['a row over lines', '{\n"instruction": "a",\n"output": "b"\n}'],
		[
			'a prompt and its completion',
			'{"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b"}]}',
		],
	])('takes %s for a row', (_, text) => {
		expect(parse(text, 'data.jsonl').rows).toHaveLength(1);
	});

	test.each([
		['{"train":[{"a":"x"}],"test":[{"a":"y"}]}', /rows in "train" and "test"; save one of them/],
		['{"a":["x","y"],"b":["z"]}', /the columns have 2 and 1 values/],
		['{"a":{"0":"x"},"b":{"1":"y"}}', /one object of objects, not rows; .*orient="records"/],
		['{"x":{"a":"1"},"y":{"a":"2"}}', /one object of objects, not rows/],
		['{"a":[],"b":[]}', /the JSON has no rows/],
		['{"columns":["a","b"],"data":[["x"]]}', /row 1 does not have the 2 values/],
		['["a","b"]', /row 1 is "a", not an object/],
	])('refuses %s', (text, message) => {
		expect(() => parse(text, 'data.json')).toThrow(message);
	});
});

describe('plain text', () => {
	test.each([
		[
			'Aku lunga, menyang pasar.\r\n\r\nKowe, piye?\n',
			['Aku lunga, menyang pasar.', '', 'Kowe, piye?'],
		],
		['[Musik]\nIku "apa"?', ['[Musik]', 'Iku "apa"?']],
		['{kosong\n', ['{kosong']],
		['siji\tloro\ntelu', ['siji\tloro', 'telu']],
	])('is one row a line, as datasets reads it: %j', (text, lines) => {
		expect(parse(text, 'Cerita.TXT')).toEqual({
			columns: ['text'],
			rows: lines.map((line) => ({ text: line })),
		});
	});

	test.each([
		['instruction;output\na;b\n', { instruction: 'a', output: 'b' }],
		[' \n\ninstruction;output\na;b\n', { instruction: 'a', output: 'b' }],
		['word\tmeaning\nsiji\tone\n', { word: 'siji', meaning: 'one' }],
		['{"text":"x"}\n', { text: 'x' }],
		['[{"a":"x"}]', { a: 'x' }],
	])('is a table all the same where it is one: %j', (text, row) => {
		expect(parse(text, 'data.txt').rows).toEqual([row]);
	});
});

describe('a table', () => {
	test('has the columns of all rows, in the order in which they appear', () => {
		const text = '[{"b":"1"},{"a":"2","b":"3"},{"c":"4","a":"5"}]';
		expect(parse(text).columns).toEqual(['b', 'a', 'c']);
	});

	test('is plain text only where the name ends so', () => {
		expect(parse('siji\nloro\n', 'a.txt').columns).toEqual(['text']);
		expect(parse('siji\nloro\n', 'a.txt.csv').columns).toEqual(['siji']);
		expect(parse('siji\nloro\n', 'atxt').columns).toEqual(['siji']);
	});

	test('is called as the file, or as one says', async () => {
		const file = new File([''], 'a.csv');
		const empty = (name: string) =>
			namedError('BadInput', `${name}: the file is empty; choose one with rows`);
		await expect(readTable(file)).rejects.toThrow(empty('a.csv'));
		await expect(readTable(file, 'b.csv')).rejects.toThrow(empty('b.csv'));
		await expect(readTable(new File(['a\n1'], 'a.csv'))).resolves.toEqual({
			...{ columns: ['a'], rows: [{ a: '1' }] },
		});
	});

	test('gives cells as texts, and says where one is none', () => {
		const table = parse('[{"a":2.50},{"a":true},{}]');
		const named = { table, file: 'x.json' };
		expect([0, 2, 3].map((row) => cellText(named, row, 'a'))).toEqual(['2.50', '', '']);
		expect(() => cellText(named, 1, 'a')).toThrow(
			/^x\.json: row 2, column "a": true, a truth value, not a text/,
		);
	});

	test('tells a NUL byte by its cell, or where there are no cells by its line', () => {
		const nul = 'is a NUL byte; this is not a text file, or save it as UTF-8';
		expect(() => parse('a,b\n1,\0')).toThrow(
			namedError('BadInput', `data.csv: row 1, column "b": line 2, byte 3, ${nul}`),
		);
		expect(() => parse('[{"a":"\0"}]')).toThrow(
			namedError('BadInput', `data.csv: line 1, byte 8, ${nul}`),
		);
	});
});

test.skipIf(!existsSync('../shared/data'))('reads the NusaX tables', async () => {
	const mt = readFileSync('../shared/data/nusax/mt/test.csv');
	const { columns, rows } = await readTable(new File([mt], 'test.csv'));
	expect(rows).toHaveLength(400);
	expect(columns).toContain('sundanese');
	expect(rows[1]?.['javanese']).toBe('Iya bener, deknen lagi jaga warung.');
	const sentiment = readFileSync('../shared/data/nusax/sentiment/javanese/test.csv');
	const labels = parseTable(sentiment, 'test.csv').rows.map((row) => row['label']);
	const count = (label: string) => labels.filter((other) => other === label).length;
	expect(['negative', 'positive', 'neutral'].map(count)).toEqual([153, 151, 96]);
});
