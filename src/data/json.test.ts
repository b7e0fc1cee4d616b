import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonError, type JsonObject, parseJson, placeOf, writeJson } from './json.ts';

const errorOf = (text: string): JsonError => {
	try {
		parseJson(text);
	} catch (error) {
		if (error instanceof JsonError) return error;
		throw error;
	}
	throw new Error('no error');
};

test.each([
	['[{"a":1},\n{"a":2},\n{"a":}]', ' at line 3, column 6, in row 3'],
	['[{"a":1},\n{"a":', ': the file is cut off at line 2, column 6, in row 2'],
	['[{"a":1}', ': the file is cut off at line 1, column 9, in row 2'],
	['[{"a":"x', ': the file is cut off at line 1, column 9, in row 1'],
	['[{"a":1} {"a":2}]', ' at line 1, column 10, in row 2'],
	['[{"a":1},]', ' at line 1, column 10, in row 2'],
	['[{a:1}]', ' at line 1, column 3, in row 1'],
	['[{"a" 1}]', ' at line 1, column 7, in row 1'],
	['[["x","y\\q"]]', ' at line 1, column 7, in row 1'],
	['[["x","y\nz"]]', ' at line 1, column 7, in row 1'],
	['[1] 2', ' at line 1, column 5, in row 2'],
	['[01]', ' at line 1, column 3, in row 2'],
	['[nul]', ' at line 1, column 2, in row 1'],
	['[{"a":1,"b":{"c":1,"c":2}}]', ': the key "c" is there twice at line 1, column 20, in row 1'],
	['['.repeat(1e6), ': values are nested deeper than 200 at line 1, column 201, in row 1'],
])('finds the error of %#', (text, place) => {
	expect(placeOf(text, errorOf(text))).toBe(place);
});

test('numbers keep the digits of the file', () => {
	const text = '[9007199254740993,2.50,1.0,1e5,-0,-1.5E-3,0.10,12345678901234567890]';
	expect(writeJson(parseJson(text))).toBe(text);
	expect(parseJson('2.50')).toEqual({ digits: '2.50' });
});

test('keys of every name are keys, in the order of the file', () => {
	const text = '{"__proto__":{"polluted":true},"2":"b","1":"a","constructor":null}';
	const value = parseJson(text);
	expect(writeJson(value)).toBe(text);
	expect([...(value as JsonObject).keys()]).toEqual([...['__proto__', '2', '1', 'constructor']]);
	expect(Object.prototype).not.toHaveProperty('polluted');
});

test('reads what JSON.parse reads, and refuses what it refuses', () => {
	fc.assert(
		fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
			const written = JSON.stringify(JSON.parse(text), null, indent);
			expect(JSON.parse(writeJson(parseJson(written)))).toEqual(JSON.parse(text));
		}),
	);
	const near = fc.array(
		fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '1', '.', 'e', '-', 'true', ' '),
	);
	fc.assert(
		fc.property(near, (parts) => {
			const text = parts.join('');
			const taken = (read: () => unknown) => {
				try {
					read();
					return true;
				} catch {
					return false;
				}
			};
			const isTwice = () => /twice/.test(errorOf(text).message);
			expect(taken(() => parseJson(text)) || (taken(() => JSON.parse(text)) && isTwice())).toBe(
				taken(() => JSON.parse(text)),
			);
		}),
		{ numRuns: 2000 },
	);
});
