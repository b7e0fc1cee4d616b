import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { leftOutText } from '../contract/leftOut.ts';
import { toInstructionRows } from './alpaca.ts';
import type { Cell, Row } from './cells.ts';

const mapping = { instruction: 'q', input: 'c', output: 'a' };
const table = (...rows: Row[]) => ({ columns: ['q', 'c', 'a'], rows });
const convert = (rows: ReturnType<typeof table>, change = {}) =>
	toInstructionRows(rows, { ...mapping, ...change }, 'x.json');
const good = { q: 'ask', c: '', a: 'reply' };

test('maps rows; an input that is absent or null is empty, a number has its digits', () => {
	const rows = table(
		{ q: 'ask', c: 'about', a: 'reply' },
		{ q: '', a: { digits: '2.50' } },
		{ q: 'ask', c: null, a: 'x' },
	);
	expect(convert(rows)).toEqual({
		rows: [
			{ instruction: 'ask', input: 'about', output: 'reply' },
			{ instruction: '', input: '', output: '2.50' },
			{ instruction: 'ask', input: '', output: 'x' },
		],
		leftOut: { of: 3, reasons: [] },
	});
	expect(convert(rows, { input: null }).rows[0]?.input).toBe('');
});

test('leaves out and counts rows without an output or an instruction', () => {
	const rows = table(
		good,
		{ q: 'ask', c: '', a: null },
		{ q: null, c: '', a: 'reply' },
		{ q: 'ask', c: '' },
		{ q: 'ask', c: '', a: ' \n' },
		good,
	);
	const { rows: kept, leftOut } = convert(rows);
	expect(kept).toHaveLength(2);
	expect(leftOutText(leftOut)).toBe(
		'4 of 6 rows are left out: 3 without an output (rows 2, 4, 5); 1 without an instruction (row 3)',
	);
	expect(() => convert(table({ q: 'ask', a: null }))).toThrow(
		namedError(
			'BadInput',
			'x.json: 1 of 1 row is left out: 1 without an output (row 1); fill "a" or choose another column',
		),
	);
});

test('names the column that is not there', () => {
	expect(() => convert(table(good), { output: 'b' })).toThrow(
		namedError(
			'BadInput',
			'x.json: there is no column "b"; the file has q, c, a: choose among them',
		),
	);
	expect(() => toInstructionRows(table(good), { ...mapping, output: 'constructor' }, 'x')).toThrow(
		/there is no column "constructor"/,
	);
});

test.each<[string, Cell, RegExp]>([
	['a list', ['abang', 'ijo'], /a list of 2 \(\["abang","ijo"\]\), not a text; write one text/],
	['an empty list', [], /a list of 0/],
	['an object', new Map([['id', 'x']]), /an object \(id\), not a text/],
	['a truth value', false, /false, a truth value, not a text; write it as a text, in quotes/],
	['a date', { moment: '2024-01-31' }, /2024-01-31, a date, not a text/],
	['bytes', Uint8Array.of(255, 0), /2 bytes, not a text/],
	['half a pair', 'x\ud83d y', /half a surrogate pair/],
	['half a pair, the other one', '\ude00', /half a surrogate pair/],
])('refuses %s with row and column, in each column', (_, cell, message) => {
	for (const column of ['q', 'c', 'a']) {
		const wrong = () => convert(table(good, { ...good, [column]: cell }));
		expect(wrong).toThrow(message);
		expect(wrong).toThrow(`x.json: row 2, column "${column}": `);
	}
	// A column that nobody asked for may hold anything.
	expect(convert(table({ ...good, c: cell }), { input: null }).rows).toHaveLength(1);
});

test('a whole pair is a character', () => {
	expect(convert(table({ ...good, a: 'putung \ud83d\ude00' })).rows[0]?.output).toContain('😀');
});

test('rows of a text column only are plain text', () => {
	const plain = { instruction: null, input: 'c', output: 'a' };
	const { rows } = convert(table({ q: 'ask', c: 'x', a: ' a text\n' }), plain);
	expect(rows).toEqual([{ instruction: '', input: '', output: ' a text\n' }]);
	const { leftOut } = convert(table({ a: 'x' }, { q: 'ask', a: ' ' }), plain);
	expect(leftOutText(leftOut)).toBe('1 of 2 rows is left out: 1 without a text (row 2)');
});

describe('chats', () => {
	const [user, assistant] = ['user', 'assistant'].map(
		(role) =>
			new Map([
				['role', role],
				['content', 'x'],
			]),
	);
	const asked = { role: 'user', content: 'x' };
	const answered = { role: 'assistant', content: 'x' };
	const of = (row: Row, change = {}) =>
		convert({ columns: [...Object.keys(row)], rows: [row] }, change);
	const alone = { instruction: null, input: null };

	test.each<[string, Row, object, object]>([
		['of a column of any name', { a: [user!, assistant!] }, alone, { messages: [asked, answered] }],
		[
			'of a prompt and its completion, whatever the input',
			{ q: [user!], c: 'y', a: [assistant!] },
			{},
			{ messages: [asked, answered] },
		],
		[
			'with tools',
			{ a: [user!], tools: [new Map([['name', 'f']])] },
			alone,
			{ messages: [asked], tools: [{ name: 'f' }] },
		],
		['without tools', { a: [user!], tools: null }, alone, { messages: [asked] }],
		[
			'of texts in a column of chats',
			{ messages: '[{"role":"user","content":"x"}]' },
			{ ...alone, output: 'messages' },
			{ messages: [asked] },
		],
	])('%s', (_, row, change, chat) => {
		const empty = { instruction: '', input: '', output: '' };
		expect(of(row, change).rows).toEqual([{ ...empty, chat }]);
	});

	test('that are not there are counted', () => {
		const rows = [{ messages: null }, { messages: [user!] }];
		const mapped = { ...alone, output: 'messages' };
		const { leftOut } = convert({ columns: ['messages'], rows }, mapped);
		expect(leftOutText(leftOut)).toBe('1 of 2 rows is left out: 1 without messages (row 1)');
	});

	test.each<[Row, object, string]>([
		[
			{ q: 'x', a: [assistant!] },
			{ input: null },
			'column "q": this is no list of messages, but column "a" is one; write both as messages',
		],
		[
			{ a: [user!], tools: 'f' },
			alone,
			'column "tools": this is a text, not a list of tools as JSON schemas',
		],
		[
			{ q: [new Map([['role', 'user']])], a: [assistant!] },
			{ input: null },
			'column "q": message 1: it has no content; remove the row',
		],
	])('%o is refused', (row, change, why) => {
		expect(() => of(row, change)).toThrow(namedError('BadInput', `x.json: row 1, ${why}`));
	});
});
