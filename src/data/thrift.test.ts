/** Sizes that a structure states are refused before anything of that size is made. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { readTable } from './table.ts';
import { checkFooter, endOfStructure } from './thrift.ts';

const end = (...bytes: number[]) => endOfStructure(Uint8Array.from(bytes), 0);
const repeated = (count: number, value: number) => Array.from({ length: count }, () => value);

test('walks over every kind of value', () => {
	// Truth values, a byte, a number of two bytes, a double, a text, a list of numbers, a list of truth values.
	const values = [0x11, 0x12, 0x13, 7, 0x15, 0x80, 1, 0x17, ...repeated(8, 0), 0x18, 2, 65, 66];
	expect(end(...values, 0x19, 0x25, 1, 2, 0x19, 0x21, 1, 0, 0)).toBe(values.length + 9);
	// A field whose number is written out, and a structure in a list.
	expect(end(0x0c, 40, 0, 0x19, 0x1c, 0x15, 2, 0, 0)).toBe(9);
});

test.each<[string, number[], number]>([
	['structures as deep as they may be', [...repeated(31, 0x1c), ...repeated(32, 0)], 63],
	['a whole number of ten bytes', [0x16, ...repeated(9, 0xff), 1, 0], 12],
	['a text of more than 127 bytes', [0x18, 0x82, 1, ...repeated(130, 65), 0], 134],
	['a text that is empty', [0x18, 0, 0], 3],
	['a list of truth values, a byte each', [0x19, 0x31, 1, 1, 1, 0], 6],
	['a list of truth values of the other kind', [0x19, 0x32, 2, 2, 2, 0], 6],
	['a list to the end of its length', [0x19, 0xf3, 16, ...repeated(16, 7), 0], 20],
	['a list of nothing', [0x19, 0x0c, 0], 3],
	['lists in a list', [0x19, 0x29, 0x13, 1, 0x13, 2, 0], 7],
	['what is behind the first structure', [0, 0x15], 1],
])('takes %s', (_what, bytes, at) => {
	expect(end(...bytes)).toBe(at);
	expect(endOfStructure(Uint8Array.of(0x1b, 0x1b, ...bytes), 2)).toBe(at + 2);
});

test.each([
	[
		'a list that is longer than the file',
		[0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f, 0],
		'it has a list of 268435455 values where 1 bytes are left',
	],
	[
		'a list that is one value longer',
		[0x19, 0x33, 1, 2],
		'it has a list of 3 values where 2 bytes are left',
	],
	['a text that is longer than the file', [0x18, 0xff, 0x01, 65, 0], 'it is cut off'],
	[
		'a number without an end',
		[0x16, ...repeated(10, 0xff), 1, 0],
		'it has a whole number of more than 10 bytes',
	],
	['structures in structures', repeated(100_000, 0x1c), 'it is nested deeper than 32'],
	[
		'one structure too many',
		[...repeated(32, 0x1c), ...repeated(33, 0)],
		'it is nested deeper than 32',
	],
	['lists in lists', repeated(100_000, 0x19), 'it is nested deeper than 32'],
	['an unknown type', [0x1b, 0], 'it has a value of type 11, which Parquet does not use'],
	['no end', [0x15, 2], 'it is cut off'],
	['a double that is cut off', [0x17, 1, 2, 3], 'it is cut off'],
	['nothing', [], 'it is cut off'],
])('refuses %s', (_what, bytes, why) => {
	expect(() => end(...bytes)).toThrow(new Error(why));
});

describe('the footer of a file', () => {
	const name = Array.from('PAR1', (one) => one.charCodeAt(0));
	const file = (size: number, ...footer: number[]) => [...name, ...footer, size, 0, 0, 0, ...name];

	test.each([
		['fills the file', file(1, 0)],
		['is behind other bytes', file(1, 9, 9, 0)],
	])('%s', (_what, bytes) => {
		const padded = Uint8Array.of(7, ...bytes).subarray(1);
		expect(() => {
			checkFooter(padded, 'x.parquet');
		}).not.toThrow();
	});

	test.each([
		['there is no room for it', [...name, 0, 0, 0, ...name], 'it has 11 bytes'],
		['there are no bytes', [], 'it has 0 bytes'],
		['it is empty', file(0), 'it is cut off'],
		['it is longer than the file', file(2, 0), 'its footer has 2 bytes, the file 13'],
		[
			'it is longer than any file',
			[...name, 0, 0, 0, 0, 1, ...name],
			'its footer has 16777216 bytes, the file 13',
		],
		['it reaches into its own size', file(1, 0x15), 'it is cut off'],
	])('is refused where %s', (_what, bytes, why) => {
		expect(() => {
			checkFooter(Uint8Array.from(bytes), 'x.parquet');
		}).toThrow(
			namedError('BadInput', `x.parquet: not a readable Parquet file (${why}); is it complete?`),
		);
	});
});

test('a footer whose list is said to be long is refused as a damaged file', async () => {
	const column = { name: 'text', data: ['a'], type: 'STRING' as const };
	const whole = new Uint8Array(parquetWriteBuffer({ columnData: [column] }));
	checkFooter(whole, 'whole.parquet');
	const at = whole.length - 8 - new DataView(whole.buffer).getUint32(whole.length - 8, true);
	// Version, then the list of the schema's elements.
	expect(whole[at + 2]).toBe(0x19);
	const long = Uint8Array.from([...whole.slice(0, at + 3), 0xfc, 0xff, 0xff, 0xff, 0x3f]);
	const rest = whole.slice(at + 4, -8);
	const size = new Uint8Array(Uint32Array.of(rest.length + 8).buffer);
	const damaged = new File([long, rest, size, 'PAR1'], 'long.parquet');
	await expect(readTable(damaged)).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(/^long\.parquet: .*list of 134217727 values/) as string,
	});
});
