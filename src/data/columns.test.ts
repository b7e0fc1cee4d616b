import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Row } from './cells.ts';
import { filledCell, filledColumn, needColumns } from './columns.ts';

const named = (...rows: Row[]) => ({ table: { columns: ['text', 'label'], rows }, file: 'x.csv' });
const badInput = (message: string) => namedError('BadInput', message);

describe('columns that must be there', () => {
	test.each([[[]], [['label']], [['text', 'label']]])('%j are', (names) => {
		expect(() => {
			needColumns(named(), names);
		}).not.toThrow();
	});

	test('are told with those that are there', () => {
		expect(() => {
			needColumns(named(), ['text', 'Label', 'id']);
		}).toThrow(badInput('x.csv: there is no column "Label"; it has "text", "label"'));
	});
});

describe('cells that must be filled', () => {
	test('are without the white space around them, in the order of the rows', () => {
		const table = named({ text: ' siji\n' }, { text: { digits: '2.50' } });
		expect(filledColumn(table, 'text')).toEqual(['siji', '2.50']);
	});

	test.each<[string, Row]>([
		['is not there', {}],
		['is null', { text: null }],
		['is blank', { text: ' \n' }],
	])('are told by row and column where one %s', (_, row) => {
		const table = named({ text: 'siji' }, row);
		const told = badInput(
			'x.csv: row 2, column "text": the cell is empty; fill it or remove the row',
		);
		expect(() => filledCell(table, 1, 'text')).toThrow(told);
		expect(() => filledColumn(table, 'text')).toThrow(told);
	});

	test('are asked of a column that is there', () => {
		expect(() => filledColumn(named(), 'id')).toThrow(
			badInput('x.csv: there is no column "id"; it has "text", "label"'),
		);
	});
});
