import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { decodeText, readLines, splitLines } from './text.ts';

const badInput = (message: string) => namedError('BadInput', message);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('bytes as text', () => {
	test.each<[string, number[], string]>([
		['nothing', [], ''],
		['UTF-8', [0xc3, 0xa8, 10], 'è\n'],
		['UTF-8 with a byte order mark', [0xef, 0xbb, 0xbf, 97], 'a'],
		['UTF-16, the low byte first', [0xff, 0xfe, 97, 0, 0xe8, 0], 'aè'],
		['UTF-16, the high byte first', [0xfe, 0xff, 0, 97, 0, 0xe8], 'aè'],
	])('%s', (_, bytes, text) => {
		expect(decodeText(Uint8Array.from(bytes), 'x.txt')).toBe(text);
	});

	test.each<[string, number[], string]>([
		['in the first line', [97, 0xe9], 'line 1, byte 1'],
		['behind lines that are valid', [97, 10, 0xc3, 0xa8, 10, 98, 0xe9, 10, 97], 'line 3, byte 1'],
		['at the end, cut off', [97, 10, 0xc3], 'line 2, byte 1'],
		['half of the mark of UTF-16, low byte', [0xff, 97], 'line 1, byte 1'],
		['half of the mark of UTF-16, high byte', [0xfe, 97], 'line 1, byte 1'],
	])('refuses what is not UTF-8, %s', (_, bytes, place) => {
		expect(() => decodeText(Uint8Array.from(bytes), 'x.txt')).toThrow(
			badInput(`x.txt: the text is not valid UTF-8 from ${place}; save it as UTF-8`),
		);
	});

	test.each<[string, number[]]>([
		['an odd byte', [0xff, 0xfe, 97, 0, 98]],
		['half a pair', [0xfe, 0xff, 0xd8, 0]],
	])('refuses UTF-16 with %s', (_, bytes) => {
		expect(() => decodeText(Uint8Array.from(bytes), 'x.txt')).toThrow(
			badInput('x.txt: the text begins as UTF-16 and is not valid as such; save it as UTF-8'),
		);
	});

	test.each([
		['\0', 'line 1, byte 1'],
		['ab\0', 'line 1, byte 3'],
		['a\nb\n\0\0', 'line 3, byte 1'],
	])('refuses a NUL byte: %j', (text, place) => {
		const why = 'is a NUL byte; this is not a text file, or save it as UTF-8';
		expect(() => decodeText(utf8(text), 'x.txt')).toThrow(badInput(`x.txt: ${place}, ${why}`));
		const before = text.slice(0, text.indexOf('\0'));
		expect(() => decodeText(utf8(text), 'x.txt', (front) => `behind "${front}": `)).toThrow(
			badInput(`x.txt: behind "${before}": ${place}, ${why}`),
		);
	});
});

describe('lines', () => {
	test.each<[string, string[]]>([
		['a', ['a']],
		['a\n', ['a']],
		['a\r\nb\r\n', ['a', 'b']],
		['a\n\nb', ['a', '', 'b']],
		['a\n\n', ['a', '']],
		['a\rb\n', ['a\rb']],
		['\n', ['']],
		['\uFEFFa\n', ['a']],
	])('of %j', (text, lines) => {
		expect(readLines(utf8(text), 'x.txt')).toEqual(lines);
	});

	test('of an empty text are one, and an empty file has none', () => {
		expect(splitLines('')).toEqual(['']);
		expect(() => readLines(utf8(''), 'x.txt')).toThrow(
			badInput('x.txt: the file is empty; choose one with lines'),
		);
	});
});
