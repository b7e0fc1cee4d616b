import { expect, test } from 'vitest';
import { guessMapping, toInstructionRows } from './alpaca.ts';

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
])('guesses the columns of %j', (columns, mapping) => {
	expect(guessMapping(columns)).toEqual(mapping);
});

const mapping = { instruction: 'q', input: 'c', output: 'a' };
const table = (...rows: Record<string, string>[]) => ({ columns: ['q', 'c', 'a'], rows });

test('maps rows; an input that is absent is empty', () => {
	const rows = table({ q: 'ask', c: 'about', a: 'reply' }, { q: 'ask', a: '' });
	expect(toInstructionRows(rows, mapping, 'x.json')).toEqual([
		{ instruction: 'ask', input: 'about', output: 'reply' },
		{ instruction: 'ask', input: '', output: '' },
	]);
	const [first] = toInstructionRows(rows, { ...mapping, input: null }, 'x.json');
	expect(first?.input).toBe('');
});

test('names the column or the row that is wrong', () => {
	const convert = (rows: ReturnType<typeof table>, change = {}) =>
		toInstructionRows(rows, { ...mapping, ...change }, 'x.json');
	const good = { q: 'ask', c: '', a: 'reply' };
	expect(() => convert(table(good), { output: 'b' })).toThrow(
		/^x\.json: there is no column "b"; the file has q, c, a/,
	);
	expect(() => convert(table(good, { q: 'ask', c: '' }))).toThrow(/row 2 has no "a"/);
	expect(() => convert(table(good, { q: ' ', c: 'x', a: '' }))).toThrow(/row 2 is empty/);
});

test('rows of a text column only are plain text', () => {
	const plain = { instruction: null, input: 'c', output: 'a' };
	expect(toInstructionRows(table({ q: 'ask', c: 'x', a: ' a text\n' }), plain, 'x.jsonl')).toEqual([
		{ instruction: '', input: '', output: ' a text\n' },
	]);
	expect(() => toInstructionRows(table({ q: 'ask', a: ' ' }), plain, 'x.jsonl')).toThrow(
		/row 1 is empty in "a"; remove/,
	);
});
