import { expect, test } from 'vitest';
import { column } from './texts.ts';

const file = { name: 'texts.parquet' };

test.each([
	['a null', [{ a: 'x', b: 'y' }, { a: 'x' }], /row 6 has nothing in column "b"; write a text/],
	['no such column', [{ a: 'x' }], /row 5 has no column "b"; it has a$/],
])('%s is told by its row', (_, rows, message) => {
	expect(() => column(file, { rows, before: 4 }, 'b')).toThrow(message);
});

test('empty texts are texts', () => {
	expect(column(file, { rows: [{ a: '' }, { a: 'x' }], before: 0 }, 'a')).toEqual(['', 'x']);
});
