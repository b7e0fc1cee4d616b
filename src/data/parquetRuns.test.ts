/** Levels and values inside a page: a run that is longer than what is left would be unpacked to any size. */
import { expect, test } from 'vitest';
import { check, encodings, packed, pageOne, pageTwo, run, type Said, varint } from './testing.ts';

const { plain, oldDictionary, rle, delta, dictionary, split } = encodings;

/** Levels of version 1: their length in four bytes, then they. */
const levels = (...bytes: number[]) => [bytes.length, 0, 0, 0, ...bytes];
/** Snappy: the length, then all bytes as they are. */
const snappy = (...bytes: number[]) => [bytes.length, 4 * (bytes.length - 1), ...bytes];

const optional: Said = { fields: ['OPTIONAL'] };
const lists: Said = { fields: ['REPEATED'] };
const compressed: Said = { codec: 'SNAPPY' };

test.each<[string, number[][], Said?]>([
	['a run to the end of its eight', [pageOne(3, plain, levels(...packed(1, 7)))], optional],
	['a run too long as writers have it', [pageOne(3, plain, levels(...run(515)))], optional],
	['no runs', [pageOne(3, plain, levels())], optional],
	[
		'runs of two bits',
		[pageOne(19, plain, levels(...packed(1, 1, 255), ...packed(1, 1, 255), ...run(3)))],
		{ fields: ['OPTIONAL', 'OPTIONAL'], rows: 19 },
	],
	[
		'entries of one bit',
		[pageOne(19, oldDictionary, [1, ...packed(1, 255), ...packed(1, 255), ...run(3)])],
		{ rows: 19 },
	],
	['entries of nine bits', [pageOne(6, dictionary, [9, 6, 255, 255, 6, 255, 255])], { rows: 6 }],
	['entries of 32 bits', [pageOne(3, dictionary, [32, 6, 255, 255, 255, 255])]],
	['truth values in runs', [pageOne(3, rle, levels(...run(3)))]],
	['differences', [pageOne(3, delta, [...varint(2 ** 20), ...varint(2 ** 20)])]],
	['differences in small blocks', [pageOne(3, delta, [1, 1])]],
	['any bytes of other encodings', [pageOne(3, split, [255, 255])]],
	[
		'lists',
		[pageOne(5, dictionary, [...levels(...run(5)), ...levels(...run(5)), 1, ...run(5)])],
		{ ...lists, values: 5 },
	],
	['version 2', [pageTwo(3, dictionary, [...run(3), 1, ...run(3)], { 5: 2 })], optional],
	['version 2 without any value', [pageTwo(3, plain, run(3), { 2: 3, 5: 2 })], optional],
	[
		'lists of version 2',
		[pageTwo(3, dictionary, [...run(3), ...packed(1, 7), 1, ...run(3)], { 5: 2, 6: 2 })],
		lists,
	],
	['snappy', [pageOne(3, dictionary, snappy(1, ...run(3)), { 2: 3 })], compressed],
	[
		'snappy behind levels',
		[pageTwo(3, dictionary, [...run(3), ...snappy(1, ...run(3))], { 5: 2 }, 5)],
		{ ...optional, ...compressed },
	],
	['what snappy left', [pageTwo(3, dictionary, [1, ...run(3)], { 7: false })], compressed],
])('believes %s', (_, pages, said) => {
	expect(check(pages, said)).not.toThrow();
});

const tooLong = 'a run of 516 values where 3 are left';
const damaged = 'a block is damaged';
const exceed = 'levels exceed their page';

test.each<[string, string, number[][], Said?]>([
	['levels', tooLong, [pageOne(3, plain, levels(...run(516)))], optional],
	[
		'levels behind others',
		'a run of 514 values where 1 are left',
		[pageOne(3, plain, levels(...run(2), ...run(514)))],
		optional,
	],
	[
		'groups of eight',
		'a run of 528 values where 8 are left',
		[pageOne(8, plain, levels(...packed(66, 7)))],
		{ ...optional, rows: 8 },
	],
	[
		'second levels',
		tooLong,
		[pageOne(3, plain, [...levels(...run(3)), ...levels(...run(516))])],
		lists,
	],
	['entries', tooLong, [pageOne(3, dictionary, [1, ...run(516)])]],
	[
		'entries behind levels',
		tooLong,
		[pageOne(3, dictionary, [...levels(...run(3)), 1, ...run(516)])],
		optional,
	],
	[
		'entries of 33 bits',
		'an entry of the dictionary is named by 33 bits',
		[pageOne(3, dictionary, [33])],
	],
	['truth values', tooLong, [pageOne(3, rle, levels(...run(516)))]],
	['blocks of nothing', damaged, [pageOne(3, delta, [0, 0])]],
	['blocks that are long', damaged, [pageOne(3, delta, [...varint(2 ** 20 + 1), 1])]],
	['blocks of no parts', damaged, [pageOne(3, delta, [1, 0])]],
	['blocks of more parts than values', damaged, [pageOne(3, delta, [2, 3])]],
	[
		'what snappy packed',
		tooLong,
		[pageOne(3, dictionary, snappy(1, ...run(516)), { 2: 4 })],
		compressed,
	],
	['levels of version 2', tooLong, [pageTwo(3, plain, run(516), { 5: 3 })], optional],
	[
		'lists of version 2',
		tooLong,
		[pageTwo(3, plain, [...run(516), ...run(3)], { 5: 2, 6: 3 })],
		lists,
	],
	[
		'second levels of version 2',
		tooLong,
		[pageTwo(3, plain, [...run(3), ...run(516)], { 5: 3, 6: 2 })],
		lists,
	],
	[
		'entries of version 2',
		tooLong,
		[pageTwo(3, dictionary, [...run(3), 1, ...run(516)], { 5: 2 })],
		optional,
	],
	['too many missing', '4 of 3 values are missing', [pageTwo(3, plain, [], { 2: 4 })]],
	['fewer missing than none', '-1 of 3 values are missing', [pageTwo(3, plain, [], { 2: -1 })]],
	['levels beyond their page', exceed, [pageTwo(3, plain, [1], { 5: 2 })]],
	['levels of less than nothing', exceed, [pageTwo(3, plain, [1], { 5: -1, 6: 1 })]],
	['lists of less than nothing', exceed, [pageTwo(3, plain, [1], { 5: 1, 6: -1 })]],
])('refuses %s', (_, why, pages, said) => {
	expect(check(pages, said)).toThrow(new Error(why));
});
