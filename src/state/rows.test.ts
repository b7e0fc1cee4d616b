import { expect, test } from 'vitest';
import { rowFields, rowRange } from './rows.ts';

test('all rows need no range', () => {
	expect(rowRange(0, null, 3482, 60)).toBeNull();
	expect(rowFields(null, 3482, 60)).toEqual({ first: 0, end: null });
});

test('an open end stops before the held-out rows, and is shown open again', () => {
	expect(rowRange(10, null, 3482, 60)).toEqual([10, 3422]);
	expect(rowFields([10, 3422], 3482, 60)).toEqual({ first: 10, end: null });
});

test('an open end moves with the held-out rows', () => {
	const { first, end } = rowFields([10, 3422], 3482, 60);
	expect(rowRange(first, end, 3482, 100)).toEqual([10, 3382]);
});

test('a closed range is kept', () => {
	expect(rowRange(0, 1500, 3482, 60)).toEqual([0, 1500]);
	expect(rowFields([0, 1500], 3482, 60)).toEqual({ first: 0, end: 1500 });
});
