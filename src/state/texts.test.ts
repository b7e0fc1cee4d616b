import { expect, test } from 'vitest';
import { columnsOf, guessColumn, textSet } from './texts.ts';

const table = [
	{ '': '0', english: 'It is near.', javanese: 'Cedhak.' },
	{ '': '1', english: ' ', javanese: 'Iya.' },
	{ '': '2', english: 'Yes.', javanese: 'Ora.' },
];

test('nameless columns are not offered', () => {
	expect(columnsOf(table)).toEqual(['english', 'javanese']);
	expect(columnsOf([])).toEqual([]);
});

test('a language is found by name, else by place', () => {
	expect(guessColumn(['id', 'Javanese', 'english'], ['javanese'])).toBe('Javanese');
	expect(guessColumn(['id', 'jv', 'en'], ['javanese'], 1)).toBe('jv');
	expect(guessColumn([], ['javanese'])).toBe('');
});

test('texts are the first rows, blanks left out', () => {
	expect(textSet(table, 'english', 2)).toEqual({ language: 'english', texts: ['It is near.'] });
	expect(textSet(table, 'english', 3).texts).toEqual(['It is near.', 'Yes.']);
});
