/** Text and JSON from outside, and the messages where they are none. */
import { badFile } from '../contract/errors.ts';
import { expect, test } from 'vitest';
import { parseJson, readJson, readText } from './input.ts';
import { memorySource } from './testing.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

test('JSON from bytes and text, with or without the mark of UTF-8', () => {
	for (const text of ['{"a":[1]}', ' {"a":[1]}\n', '\uFEFF{"a":[1]}']) {
		expect(parseJson(text, 'a.json')).toEqual({ a: [1] });
		expect(parseJson(utf8(text), 'a.json')).toEqual({ a: [1] });
	}
});

test('whole sources', async () => {
	expect(await readJson(memorySource('a.json', utf8('"é"')))).toBe('é');
	expect(await readText(memorySource('a.txt', utf8('é\n')))).toBe('é\n');
	expect(badFile('a', 'b')).toMatchObject({ name: 'BadInput', message: 'a: b' });
});

test.each([
	['', 'a.json: the file is empty; download it again'],
	[' \n\t', 'a.json: the file is empty; download it again'],
	['{', /^a\.json: not valid JSON \(.*JSON.*\); download it again or correct it$/],
	['"\uFEFF', /^a\.json: not valid JSON/],
	['[1]\uFEFF', /^a\.json: not valid JSON/],
])('%j is refused', (text, message) => {
	expect(() => parseJson(text, 'a.json')).toThrow(message);
});

test('bytes that are no UTF-8 are refused', async () => {
	const source = memorySource('a.json', Uint8Array.of(0x22, 0xff, 0x22));
	const message = 'a.json: not text in UTF-8; download it again';
	await expect(readJson(source)).rejects.toThrow(message);
	await expect(readText(source)).rejects.toThrow(message);
});
