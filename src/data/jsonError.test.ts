import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonError } from './jsonError.ts';

test.each([
	['[{"a":1},\n{"a":2},\n{"a":}]', { line: 3, column: 6, rowsBefore: 2, cutOff: false }],
	['[{"a":1},\n{"a":', { line: 2, column: 6, rowsBefore: 1, cutOff: true }],
	['[{"a":1}', { line: 1, column: 9, rowsBefore: 1, cutOff: true }],
	['[{"a":1} {"a":2}]', { line: 1, column: 10, rowsBefore: 1, cutOff: false }],
	['[{"a":1},]', { line: 1, column: 10, rowsBefore: 1, cutOff: false }],
	['[{a:1}]', { line: 1, column: 3, rowsBefore: 0, cutOff: false }],
	['[{"a" 1}]', { line: 1, column: 7, rowsBefore: 0, cutOff: false }],
	['[["x","y\\q"]]', { line: 1, column: 7, rowsBefore: 0, cutOff: false }],
	['[1] 2', { line: 1, column: 5, rowsBefore: 1, cutOff: false }],
	['[01]', { line: 1, column: 3, rowsBefore: 1, cutOff: false }],
])('finds the error of %j', (text, place) => {
	expect(findJsonError(text)).toEqual(place);
});

test('finds none in what JSON.stringify writes', () => {
	fc.assert(
		fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
			expect(findJsonError(JSON.stringify(JSON.parse(text), null, indent))).toBeNull();
		}),
	);
});
