import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { badCell, type Cell, cellOf, isText, kindOf, showCell, textOf } from './cells.ts';

const place = { file: 'x.json', row: 1, column: 'output' };
const badInput = (message: string) => namedError('BadInput', message);

test('a cell that a row lacks is null, also where every object has the name', () => {
	expect(cellOf({ a: 'x', n: null }, 'a')).toBe('x');
	expect(cellOf({ a: false }, 'a')).toBe(false);
	for (const column of ['n', 'b', 'toString'])
		expect(cellOf({ a: 'x', n: null }, column)).toBeNull();
	expect(cellOf(undefined, 'a')).toBeNull();
});

test('an error about a cell names file, row and column', () => {
	expect(badCell(place, 'it is odd')).toEqual(
		badInput('x.json: row 2, column "output": it is odd'),
	);
});

test.each<[Cell, string]>([
	[null, ''],
	['', ''],
	[' a 😀\n', ' a 😀\n'],
	[{ digits: '1.0' }, '1.0'],
])('%j is a text: %j', (cell, text) => {
	expect(isText(cell)).toBe(true);
	expect(textOf(cell, place)).toBe(text);
	expect(showCell(cell)).toBe(text);
});

const inQuotes = 'write it as a text, in quotes, as it is to be learned';
const another = 'write a text, or choose another column';
const one =
	'write one text in every row (of several answers, such as preferences, the one to be learned)';
const letters = 'abcdefghijklmnopqrstuvwxyz';

describe.each<[string, Cell, string, string, string]>([
	['a truth value', true, 'true, a truth value', inQuotes, 'true'],
	['a date', { moment: '2024-01-31' }, '2024-01-31, a date', inQuotes, '2024-01-31'],
	['bytes', Uint8Array.of(0, 255), '2 bytes', another, '2 bytes'],
	[
		'an object',
		new Map([
			['a', 'x'],
			['b', 'y'],
		]),
		'an object (a, b)',
		another,
		'{"a":"x","b":"y"}',
	],
	['a list', ['a', { digits: '2.50' }], 'a list of 2 (["a",2.50])', one, '["a",2.50]'],
	[
		'an object of 40 characters',
		new Map([[`${letters}${letters.slice(0, 14)}`, null]]),
		`an object (${letters}abcdefghijklmn)`,
		another,
		`{"${letters}abcdefghijklmn":null}`,
	],
	[
		'an object of 41 characters',
		new Map([[`${letters}${letters.slice(0, 15)}`, null]]),
		`an object (${letters}abcdefghijklmn …)`,
		another,
		`{"${letters}abcdefghijklmno":null}`,
	],
])('%s', (_, cell, kind, advice, shown) => {
	test('is told and shown as what it is', () => {
		expect(kindOf(cell)).toBe(kind);
		expect(showCell(cell)).toBe(shown);
	});

	test('is no text', () => {
		expect(isText(cell)).toBe(false);
		expect(() => textOf(cell, place)).toThrow(
			badInput(`x.json: row 2, column "output": ${kind}, not a text; ${advice}`),
		);
	});
});

test('a text is told as one', () => {
	expect(kindOf('x')).toBe('a text');
});

test.each(['\ud83d', 'a\ude00b'])('half a surrogate pair is no character: %j', (text) => {
	expect(() => textOf(text, place)).toThrow(
		badInput(
			'x.json: row 2, column "output": the text has half a surrogate pair (\\ud800 to \\udfff), which is no character; correct it or remove the row',
		),
	);
});
