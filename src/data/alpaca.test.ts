import { expect, test } from 'vitest';
import { leftOutText } from '../contract/leftOut.ts';
import { toInstructionRows } from './alpaca.ts';
import type { Cell, Row } from './cells.ts';
import { guessMapping } from './columnNames.ts';

test.each([
	[
		['instruction', 'input', 'output', '_ids'],
		{ instruction: 'instruction', input: 'input', output: 'output' },
	],
	[['Response', 'Prompt', 'id'], { instruction: 'Prompt', input: null, output: 'Response' }],
	[
		['question', 'context', 'answer'],
		{ instruction: 'question', input: 'context', output: 'answer' },
	],
	[['Text'], { instruction: null, input: null, output: 'Text' }],
	[['text', 'label'], null],
	[['text', 'output'], null],
	[['instruction'], null],
	[['id', 'messages'], { instruction: null, input: null, output: 'messages' }],
	[['conversations', 'system'], { instruction: null, input: null, output: 'conversations' }],
	[['prompt', 'chosen', 'rejected'], null],
])('guesses the columns of %j', (columns, mapping) => {
	expect(guessMapping(columns)).toEqual(mapping);
});

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
		/^x\.json: 1 of 1 row is left out: 1 without an output \(row 1\); fill "a"/,
	);
});

test('names the column that is not there', () => {
	expect(() => convert(table(good), { output: 'b' })).toThrow(
		/^x\.json: there is no column "b"; the file has q, c, a/,
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
