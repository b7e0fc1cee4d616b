/** What chunks and pages say of themselves: at its limit it is believed, beyond it the file is refused. */
import type { FileMetaData } from 'hyparquet';
import { expect, test } from 'vitest';
import { checkPages } from './parquetPages.ts';
import { check, encodings, fileOf, page, pageOfDictionary, pageOne, type Said } from './testing.ts';

const { plain, rle } = encodings;
const three = pageOne(3, plain, []);

test.each<[string, number[][], Said?]>([
	['a page', [three]],
	['pages, one of no values', [pageOne(2, plain, []), pageOne(0, rle, [9]), pageOne(1, plain, [])]],
	['a dictionary', [pageOfDictionary(16, 2), three], { dictionary: true }],
	['a page that unpacks to most', [pageOne(3, plain, [7], { 2: 128 })]],
	['a byte behind the last page', [three, [0]]],
	['as many values as the file may have', [pageOne(100_184, plain, [])], { rows: 100_184 }],
])('believes %s', (_, pages, said) => {
	expect(check(pages, said)).not.toThrow();
});

const outside = 'column "a" is outside the file';
const header = 'a page of column "a" has a damaged header';
const damaged = 'the dictionary of column "a" is damaged';
const says = 'a page of column "a" says';

test.each<[string, string, number[][], Said?]>([
	['rows below none', '-1 rows in 21 bytes', [three], { rows: -1 }],
	['too many rows', '100185 rows in 23 bytes', [pageOne(100_185, plain, [])], { rows: 100_185 }],
	['more values than rows', 'column "a" says it has 4 values', [three], { values: 4 }],
	[
		'more values in lists than the file can have',
		'column "a.b" says it has 100169 values',
		[three],
		{ values: 100_169, fields: ['OPTIONAL', 'REPEATED'] },
	],
	['a chunk before the first', outside, [three], { begin: 3, size: 18 }],
	['a dictionary before the first', outside, [three], { begin: 3, size: 18, dictionary: true }],
	['a chunk beyond the end', outside, [three], { size: 18 }],
	['a chunk of less than nothing', outside, [three], { size: -1 }],
	['a page without its size', header, [page(0, [], { 3: false, 5: { 1: 3, 2: plain } })]],
	['a page without its whole size', header, [page(0, [], { 2: false, 5: { 1: 3, 2: plain } })]],
	['a page without values', header, [page(0, [], { 5: { 2: plain } })]],
	['a page without its part of the header', header, [page(0, [])]],
	['version 1 with the header of 2', header, [page(0, [], { 8: { 1: 3 } })]],
	['version 2 with the header of 1', header, [page(3, [], { 5: { 1: 3 } })]],
	['a page of less than nothing', `${says} it has -1 bytes`, [pageOne(3, plain, [], { 3: -1 })]],
	['a page beyond its chunk', `${says} it has 2 bytes`, [pageOne(3, plain, [9], { 3: 2 })]],
	['unpacking to too much', `${says} that 1 bytes are 129`, [pageOne(3, plain, [9], { 2: 129 })]],
	['unpacking to less', `${says} that 1 bytes are -1`, [pageOne(3, plain, [9], { 2: -1 })]],
	['fewer than no values', `${says} it has -1 values`, [pageOne(-1, plain, [])]],
	['more values than the column', `${says} it has 4 values`, [pageOne(4, plain, [])]],
	[
		'pages of too many values',
		'the pages of column "a" have more than its values',
		[pageOne(2, plain, []), pageOne(2, plain, [])],
	],
	[
		'pages of too few values',
		'the pages of column "a" have 2 values',
		[pageOne(1, plain, []), pageOne(1, plain, [])],
	],
	['more entries than bits', damaged, [pageOfDictionary(17, 2), three]],
	['fewer than no entries', damaged, [pageOfDictionary(-1, 2), three]],
	['a dictionary without its header', damaged, [page(2, []), three]],
	['headers in headers', 'it is nested deeper than 32', [Array.from({ length: 40 }, () => 0x1c)]],
	['a header that is cut off', 'it is cut off', [[0x15, 0x80]]],
])('refuses %s', (_, why, pages, said) => {
	expect(check(pages, said)).toThrow(new Error(why));
});

/** A file of equal groups of rows. */
const checkGroups = (count: number, rows: number, all = count * rows) => {
	const { bytes, metadata } = fileOf([pageOne(rows, plain, [])], { rows });
	const groups = Array.from({ length: count }, () => metadata.row_groups[0]!);
	return () => {
		checkPages(bytes, { ...metadata, num_rows: BigInt(all), row_groups: groups });
	};
};

test('rows are those of all groups', () => {
	expect(checkGroups(2, 50_000)).not.toThrow();
	expect(checkGroups(0, 3)).not.toThrow();
	expect(checkGroups(2, 60_000)).toThrow(new Error('120000 rows in 23 bytes'));
	expect(checkGroups(2, 3, 7)).toThrow(new Error('6 of 7 rows'));
});

test('a column without metadata is refused', () => {
	const { bytes, metadata } = fileOf([three]);
	const groups = metadata.row_groups.map((group) => ({ ...group, columns: [{}] }));
	expect(() => {
		checkPages(bytes, { ...metadata, row_groups: groups as FileMetaData['row_groups'] });
	}).toThrow(new Error('a column has no metadata'));
});
