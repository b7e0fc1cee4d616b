import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTable, readTable } from './table.ts';

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
		['', /the file is empty/],
		[' \n', /the file is empty/],
		['a,b\n', /a header but no row/],
		['a,a\n1,2\n', /column "a" twice/],
		['a,b\n1,2\n3\n', /row 2 has 1 columns, the header 2 \(a, b\)/],
		['a,b\n1,2,3\n', /row 1 has 3 columns/],
		['a,b\n1,2\n3,"x\n4,5\n', /row 2, column "b": Quoted field unterminated/],
		['a,b\n1,\0\n', /row 1, column "b": line 2, byte 3, is a NUL byte/],
	])('refuses %j', (text, message) => {
		expect(() => parse(text)).toThrow(message);
		expect(() => parse(text)).toThrow(/^data\.csv: /);
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
		['[{"a":1,"b":2,"a":3}]', /the key "a" is there twice at line 1, column 14, in row 1/],
		['{"a":1}\n{"a":1,"a":1}', /line 2 .*the key "a" is there twice/],
	])('refuses %j', (text, message) => {
		expect(() => parse(text, 'data.json')).toThrow(message);
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
