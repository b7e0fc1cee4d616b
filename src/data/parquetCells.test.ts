/** What becomes of a value by what the file says of its column. */
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { cellReaders, floatText, keepTypes, parsers } from './parquetCells.ts';

type Said = Partial<SchemaElement>;

const place = { file: 'x.parquet', row: 1, column: 'a' };
const badInput = (problem: string) =>
	namedError('BadInput', `x.parquet: row 2, column "a": ${problem}`);
const metadataOf = (...elements: Said[]) =>
	({
		schema: [
			{ name: 'schema', num_children: 1 },
			{ name: 'a', ...elements[0] },
			...elements.slice(1),
		],
	}) as unknown as FileMetaData;
const readAs = (said: Said, value: unknown) =>
	cellReaders(metadataOf(said)).get('a')!(value, place);

const whole: Said = { type: 'INT32' };
const money: Said = { type: 'INT64', converted_type: 'DECIMAL', scale: 2 };
const json: Said = { type: 'BYTE_ARRAY', converted_type: 'JSON' };

describe('numbers', () => {
	test.each<[Said, unknown, string]>([
		[whole, 7, '7'],
		[whole, -1n, '-1'],
		[{ type: 'DOUBLE' }, 7, '7.0'],
		[{ type: 'FLOAT' }, 0.5, '0.5'],
		[{ type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'FLOAT16' } }, 2, '2.0'],
		[money, 250, '2.50'],
		[money, 12345678901234567890n, '123456789012345678.90'],
		[money, -5, '-0.05'],
		[money, 0, '0.00'],
		[
			{ type: 'INT32', logical_type: { type: 'DECIMAL', precision: 9, scale: 1 }, scale: 1 },
			7,
			'0.7',
		],
		[{ ...money, scale: 0 }, -7, '-7'],
		[{ type: 'INT32', converted_type: 'DECIMAL' }, 70, '70'],
		[money, Uint8Array.of(0xff, 0x38), '-2.00'],
		[money, Uint8Array.of(0x00, 0xff, 0x38), '653.36'],
		[money, Uint8Array.of(0x80), '-1.28'],
	])('of %o: %o is %s', (said, value, digits) => {
		expect(readAs(said, value)).toEqual({ digits });
	});

	test('what is no number is nothing, as in pandas', () => {
		expect(readAs({ type: 'DOUBLE' }, NaN)).toBeNull();
	});

	test.each([
		[0, '0.0'],
		[-0, '-0.0'],
		[-1, '-1.0'],
		[123456.789, '123456.789'],
		[9999999999999998, '9999999999999998.0'],
		[1e16, '1e+16'],
		[-1.5e300, '-1.5e+300'],
		[0.0001, '0.0001'],
		[0.00012, '0.00012'],
		[0.00001, '1e-05'],
		[1.25e-7, '1.25e-07'],
		[5e-324, '5e-324'],
		[Infinity, 'inf'],
		[-Infinity, '-inf'],
	])('%d as Python prints it: %s', (value, text) => {
		expect(floatText(value)).toBe(text);
	});
});

describe('times', () => {
	const hour = { moment: 'a time of day' };

	test.each<[Said, unknown, unknown]>([
		[{ type: 'INT32', converted_type: 'TIME_MILLIS' }, 3_600_000, hour],
		[{ type: 'INT64', converted_type: 'TIME_MICROS' }, 1n, hour],
		[
			{ type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: true, unit: 'NANOS' } },
			1n,
			hour,
		],
		[
			{ type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
			new Date(0),
			{ moment: '1970-01-01T00:00:00.000Z' },
		],
		[{ type: 'INT64' }, new Date(NaN), { moment: 'no date' }],
	])('of %o: %o', (said, value, moment) => {
		expect(readAs(said, value)).toEqual(moment);
	});
});

describe('JSON', () => {
	test.each<[Said]>([[json], [{ type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } }]])(
		'of %j keeps its digits',
		(said) => {
			expect(readAs(said, '[1.0,null]')).toEqual([{ digits: '1.0' }, null]);
		},
	);

	test('that is none is refused', () => {
		expect(() => readAs(json, '{a}')).toThrow(
			badInput('the column holds JSON, and this is none; correct it or remove the row'),
		);
	});

	test('that is not UTF-8 is bytes', () => {
		expect(readAs(json, Uint8Array.of(255))).toEqual(Uint8Array.of(255));
	});
});

describe('other values', () => {
	test.each<[unknown, unknown]>([
		['a', 'a'],
		['', ''],
		[false, false],
		[null, null],
		[Uint8Array.of(1), Uint8Array.of(1)],
		[
			[1, undefined, 'x'],
			[{ digits: '1' }, null, 'x'],
		],
		[
			{ b: [true], c: null },
			new Map<string, unknown>([
				['b', [true]],
				['c', null],
			]),
		],
	])('%j', (value, cell) => {
		expect(readAs(whole, value)).toEqual(cell);
	});

	test.each<[string, Said]>([
		['a number', whole],
		['a float', { type: 'DOUBLE' }],
		['a decimal', money],
		['JSON', json],
	])('%s that the dictionary lacks is refused, one that is missing is not', (_, said) => {
		expect(readAs(said, null)).toBeNull();
		expect(() => readAs(said, undefined)).toThrow(
			badInput('the dictionary has no such entry; the file is damaged, download it again'),
		);
	});

	test('a structure may lack what the dictionary of a column may not', () => {
		const inner = { name: 'b', type: 'INT32' } as const;
		const readers = cellReaders(metadataOf({ num_children: 1 }, inner));
		expect([...readers.keys()]).toEqual(['a']);
		expect(readers.get('a')!(undefined, place)).toBeNull();
		expect(readers.get('a')!({ b: 1 }, place)).toEqual(new Map([['b', { digits: '1' }]]));
	});
});

test('decimals are read as whole numbers or bytes, everything else as it is', () => {
	const asked: Said[] = [
		money,
		{ ...money, type: 'BYTE_ARRAY' },
		{ type: 'INT32', logical_type: { type: 'DECIMAL', precision: 9, scale: 1 }, scale: 1 },
		json,
		{ type: 'DOUBLE' },
	];
	const metadata = { schema: asked.map((said) => ({ ...said, name: 'a' })) } as FileMetaData;
	keepTypes(metadata);
	expect(metadata.schema).toEqual([
		{ name: 'a', type: 'INT64', scale: 2 },
		{ name: 'a', type: 'BYTE_ARRAY', scale: 2, logical_type: { type: 'GEOMETRY' } },
		{ name: 'a', type: 'INT32', scale: 1 },
		{ name: 'a', ...json },
		{ name: 'a', type: 'DOUBLE' },
	]);
});

test('bytes are texts where they are UTF-8', () => {
	for (const parse of [parsers.stringFromBytes, parsers.jsonFromBytes]) {
		expect(parse(new TextEncoder().encode('Durèn'))).toBe('Durèn');
		expect(parse(Uint8Array.of(65, 255))).toEqual(Uint8Array.of(65, 255));
		expect(parse(undefined)).toBeUndefined();
	}
	for (const parse of [parsers.geometryFromBytes, parsers.geographyFromBytes])
		expect(parse(Uint8Array.of(65))).toEqual(Uint8Array.of(65));
});
