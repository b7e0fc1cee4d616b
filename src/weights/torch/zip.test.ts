/** Archives of stored files: where each begins, and what is told of those that cannot be read. */
import { expect, test } from 'vitest';
import { namedError } from '../../contract/errors.ts';
import type { ByteSource } from '../../contract/model.ts';
import { bytesSource, zipOf } from './testing.ts';
import { openStoredZip } from './zip.ts';

const open = (bytes: Uint8Array) => openStoredZip(bytesSource(bytes));
const two = zipOf([
	{ name: 'm/a', bytes: [1, 2, 3] },
	{ name: 'm/b', bytes: [4, 5] },
]);

/** A source whose reads fail from the given one on. */
function failing(error: unknown, from = 0): ByteSource {
	const source = bytesSource(two);
	let reads = 0;
	return {
		name: source.name,
		size: source.size,
		read(begin, end) {
			// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a library may throw anything
			return reads++ < from ? source.read(begin, end) : Promise.reject(error);
		},
	};
}

test('tells of every file its size and where it begins', async () => {
	const files = await open(two);
	expect([...files.keys()]).toEqual(['m/a', 'm/b']);
	for (const [name, content] of Object.entries({ 'm/a': [1, 2, 3], 'm/b': [4, 5] })) {
		const file = files.get(name)!;
		expect(file).toMatchObject({ name, size: content.length });
		const begin = await file.begin();
		expect([...two.slice(begin, begin + file.size)]).toEqual(content);
	}
});

test.each([
	[
		'an encrypted file',
		zipOf([{ name: 'a', bytes: [1], flags: 1, method: 8 }]),
		'"a" in it is encrypted; torch.save stores files as they are, save it so',
	],
	[
		'a compressed file',
		zipOf([{ name: 'a', bytes: [1], method: 8 }]),
		'"a" in it is compressed (method 8); torch.save stores files as they are, save it so',
	],
	[
		'a file that is there twice',
		zipOf([
			{ name: 'a', bytes: [] },
			{ name: 'a', bytes: [1] },
		]),
		'"a" is in it twice; download it again',
	],
])('refuses %s', async (_, bytes, message) => {
	await expect(open(bytes)).rejects.toThrow(`model.ckpt: ${message}`);
	await expect(open(bytes)).rejects.toMatchObject({ name: 'BadInput' });
});

const damaged = (why: string) =>
	`model.ckpt: not a torch checkpoint in zip form, or damaged (${why}); download it again, or save it with torch 1.6 or newer`;

test('refuses an archive that cannot be read, with the reason', async () => {
	await expect(openStoredZip(failing(new Error('gone')))).rejects.toThrow(damaged('gone'));
	await expect(openStoredZip(failing('gone'))).rejects.toThrow(damaged('gone'));
	await expect(openStoredZip(failing(new Error('gone')))).rejects.toMatchObject({
		name: 'BadInput',
	});
});

test('refuses a file whose own header is damaged, where it is asked for', async () => {
	const bytes = two.slice();
	bytes[0] = 0;
	const files = await open(bytes);
	await expect(files.get('m/a')!.begin()).rejects.toThrow(/^model\.ckpt: .*or damaged \(.+\);/);
	await expect(files.get('m/b')!.begin()).resolves.toBeGreaterThan(0);
});

test('of a file that is gone the error passes as it is', async () => {
	const gone = namedError('NotFound', 'model.ckpt: the server answered 404');
	await expect(openStoredZip(failing(gone))).rejects.toBe(gone);
	const files = await openStoredZip(failing(gone, 2));
	await expect(files.get('m/a')!.begin()).rejects.toBe(gone);
});
