import { expect, test, vi } from 'vitest';
import { sha256 } from '../../contract/sha256.ts';
import { checkKeys, openDocument, sealDocument, statedSeal } from './format.ts';

const content = { a: [1, 'ö\n'], b: { c: null } };
const path = 'runs/a.json';
const blob = (text: string) => new Blob([text]);
const open = (text: string) => openDocument('run', path, blob(text));

/** A document of the lab with a text in it replaced. */
async function changed(from: string, to: string): Promise<string> {
	const { text } = await sealDocument('run', content);
	expect(text).toContain(from);
	return text.replace(from, to);
}

test('a document is indented JSON that says what it is, and the hash of its content without spaces', async () => {
	const { text, seal } = await sealDocument('run', content);
	expect(seal).toBe(await sha256(new TextEncoder().encode(JSON.stringify(content))));
	const whole = { format: 'cogsym-lab run', version: 1, sha256: seal, content };
	expect(text).toBe(`${JSON.stringify(whole, null, '\t')}\n`);
	expect(await open(text)).toEqual(content);
	expect(await statedSeal(blob(text))).toBe(seal);
});

test('numbers that JSON has no word for are written as text', async () => {
	const { text } = await sealDocument('run', [NaN, Infinity, -Infinity, 1.5, 'NaN']);
	expect(await open(text)).toEqual(['NaN', 'Infinity', '-Infinity', 1.5, 'NaN']);
});

test('the hash is read from the beginning of a document of this version only', async () => {
	const { text, seal } = await sealDocument('run', content);
	const document = blob(text.slice(0, 256));
	const slice = vi.spyOn(document, 'slice');
	expect(await statedSeal(document)).toBe(seal);
	expect(slice).toHaveBeenCalledWith(0, 256);
	// Laid out by another program.
	expect(await statedSeal(blob(text.replaceAll(/\n\t*/g, '')))).toBe(seal);
	for (const other of [
		'',
		` ${text}`,
		`${' '.repeat(100)}${text}`,
		await changed('"version": 1', '"version": 2'),
		await changed('cogsym-lab run', 'another run'),
		await changed(seal, seal.slice(1)),
		await changed(seal, `${seal}0`),
		await changed(seal, seal.toUpperCase()),
	])
		expect(await statedSeal(blob(other))).toBeNull();
});

test.each([
	['no JSON', '{', 'damaged, or not the description of a run that the lab wrote'],
	['null', 'null', 'damaged, or not the description of a run that the lab wrote'],
	['a number', '1', 'damaged, or not the description of a run that the lab wrote'],
	[
		'an object of another program',
		'{}',
		'damaged, or not the description of a run that the lab wrote',
	],
	[
		...(['of a newer version', '{"format":"cogsym-lab run","version":2}'] as const),
		'written by a newer version of the lab (format 2); update this one first',
	],
	[
		...(['of a version in words', '{"format":"cogsym-lab run","version":"2"}'] as const),
		'damaged: its content is not what its sha-256 says',
	],
	[
		...(['of no version', '{"format":"cogsym-lab run"}'] as const),
		'damaged: its content is not what its sha-256 says',
	],
	[
		...(['without content', '{"format":"cogsym-lab run","version":1}'] as const),
		'damaged: its content is not what its sha-256 says',
	],
])('a document is refused by its path: %s', async (_, text, problem) => {
	await expect(open(text)).rejects.toMatchObject({
		name: 'BadInput',
		message: `${path}: ${problem}`,
	});
});

test('a document of another kind, and one that was changed, are refused', async () => {
	const { text } = await sealDocument('run', content);
	await expect(openDocument('model', path, blob(text))).rejects.toThrow(
		`${path}: damaged, or not the description of a model`,
	);
	for (const other of [
		await changed('"c": null', '"c": 0'),
		await changed('"version": 1', '"version": 0'),
	])
		await expect(open(other)).rejects.toThrow(
			`${path}: damaged: its content is not what its sha-256 says`,
		);
});

test('a document that is too large for a string is not read', async () => {
	const document = (size: number) => ({ size, text: () => Promise.resolve('') }) as unknown as Blob;
	const [largest, larger] = [2 ** 28, 2 ** 28 + 1];
	await expect(openDocument('run', path, document(largest))).rejects.toThrow('not the description');
	await expect(openDocument('run', path, document(larger))).rejects.toThrow(
		`${path}: 268435457 bytes are too many for a document`,
	);
});

const refused = (problem: string): unknown =>
	expect.objectContaining({ name: 'BadInput', message: `${path}: ${problem}` });

/** A list in a list in a list... */
const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);

test('keys that reach into prototypes are refused at any depth, their names as values are not', () => {
	for (const key of ['__proto__', 'prototype', 'constructor']) {
		const hostile: unknown = JSON.parse(`{"a": [{"${key}": 1}]}`);
		expect(() => {
			checkKeys(hostile, path);
		}).toThrow(refused(`a key is called ${key}`));
		expect(() => {
			checkKeys({ a: key, b: [null, 1] }, path);
		}).not.toThrow();
	}
});

test('what is nested deeper than any document of the lab is refused', () => {
	expect(() => {
		checkKeys(nested(33), path);
	}).not.toThrow();
	expect(() => {
		checkKeys(nested(34), path);
	}).toThrow(refused('nested too deeply'));
});
