/** Sizes that a structure states are refused before anything of that size is made. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
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

test.each([
	[
		'a list that is longer than the file',
		[0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f, 0],
		/list of 268435455/,
	],
	['a text that is longer than the file', [0x18, 0xff, 0x01, 65, 0], /cut off/],
	['a number without an end', [0x16, ...repeated(40, 0xff)], /more than 10 bytes/],
	['structures in structures', repeated(100_000, 0x1c), /deeper than 32/],
	['lists in lists', repeated(100_000, 0x19), /deeper than 32/],
	['an unknown type', [0x1b, 0], /type 11/],
	['no end', [0x15, 2], /cut off/],
])('refuses %s', (_what, bytes, why) => {
	expect(() => end(...bytes)).toThrow(why);
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
