import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { cellOfNul, firstLine, isTabbed, parseDelimited } from './delimited.ts';

const parse = (text: string) => parseDelimited(text, 'x.csv');

describe('the delimiter', () => {
	test.each([
		['a,b;c,d\n1', ['a', 'b;c', 'd']],
		['a;b;c,d\n1', ['a', 'b', 'c,d']],
		['"a;b;c",d\n1', ['a;b;c', 'd']],
		['a|b\r1;2;3', ['a', 'b']],
		['a\tb', ['a', 'b']],
		[' \na;b\n1,2,3', ['a', 'b']],
		['a b', ['a b']],
		['', []],
	])('is the one that is most in the first line: %j', (text, cells) => {
		expect(firstLine(text)).toEqual(cells);
	});

	test.each(['sep=;', 'SEP=; \t', '"sep=;"', ' sep=;'])('is what a line declares: %j', (line) => {
		for (const end of ['\n', '\r\n', '\r']) {
			const text = `${line}${end}a;b,c,d${end}1;2${end}`;
			expect(firstLine(text)).toEqual(['a', 'b,c,d']);
			expect(parse(text)).toEqual([{ a: '1', 'b,c,d': '2' }]);
		}
	});

	test.each(['sep=;a;b\n1;2', 'x sep=;\na;b', 'a;b\nsep=;\n1;2'])(
		'is declared by a line of its own above the header: %j',
		(text) => {
			expect(firstLine(text)).toEqual(firstLine(text.split('\n')[0]!));
		},
	);
});

test.each([
	['a\tb\nc\td', true],
	['a\tb\r\n\r\n \r\nc\td\r\n', true],
	['a\tb\rc\td', true],
	['a\tb', true],
	['a\tb\nc', false],
	['a\nb\tc', false],
	['a\tb\nc\td\te', false],
	['a\nb', false],
	['', false],
])('lines of %j have as many tabs: %s', (text, is) => {
	expect(isTabbed(text)).toBe(is);
});

test.each([
	['a,b\n1,', 'row 1, column "b": '],
	['a,b\n1,2\n', 'row 2, column "a": '],
	[' a ; b \n\n \n1;x', 'row 1, column "b": '],
	['a,b\n1,"x\ny', 'row 1, column "b": '],
	['a,b\n1,2,', 'row 1: '],
	['a,', 'row 0: '],
	['', 'row 0: '],
	['[{"a":"', ''],
	[' \n{"a":"', ''],
])('a NUL behind %j is in the cell %j', (before, cell) => {
	expect(cellOfNul(before)).toBe(cell);
});

describe('rows', () => {
	test.each<[string, Record<string, string>[]]>([
		[' a , b\n 1 ,\n', [{ a: ' 1 ', b: '' }]],
		['a,b\n\n , \n1,2', [{ a: '1', b: '2' }]],
		['a\n1\n2', [{ a: '1' }, { a: '2' }]],
		['a,b\n', []],
		['', []],
	])('of %j', (text, rows) => {
		expect(parse(text)).toEqual(rows);
	});

	test.each([
		['a, a\n1,2', 'the header names column "a" twice'],
		['a,b,b,a\n', 'the header names column "b" twice'],
		[
			'a;b\n1;2\n1;2;3',
			'row 2 has 3 columns, the header 2 (a, b); put text that holds the delimiter in quotes',
		],
		[
			'a,b\n1',
			'row 1 has 1 columns, the header 2 (a, b); put text that holds the delimiter in quotes',
		],
		['a,b\n1,2\n"x', 'row 2, column "a": Quoted field unterminated; correct the quotes there'],
		['a,"b\n1', 'row 0: Quoted field unterminated; correct the quotes there'],
	])('refuses %j', (text, why) => {
		expect(() => parse(text)).toThrow(namedError('BadInput', `x.csv: ${why}`));
	});
});
