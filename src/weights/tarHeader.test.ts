/** Headers of archives, field by field, as they are written and as others write them. */
import { describe, expect, test } from 'vitest';
import { tarChecksum, tarEnd, tarHeader, tarPadding } from './tar.ts';
import { readTar } from './untar.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A header whose checksum fits after a change. */
function header(path: string, size: number, fields: readonly (readonly [number, string])[] = []) {
	const bytes = tarHeader(path, size);
	for (const [at, text] of fields)
		bytes.set(
			Uint8Array.from(text, (one) => one.charCodeAt(0)),
			at,
		);
	bytes.set(utf8(`${tarChecksum(bytes).toString(8).padStart(6, '0')}\0 `), 148);
	return bytes;
}

/** A file of these fields with its bytes. */
const entry = (path: string, text: string, ...fields: (readonly [number, string])[]) => {
	const size = utf8(text).length;
	return [header(path, size, fields), utf8(text), tarPadding(size)];
};
const read = async (...parts: Uint8Array<ArrayBuffer>[]) => {
	const files = await readTar(new Blob([...parts, tarEnd()]), 'x.tar');
	const texts = [...files].map(async ([path, file]) => [path, await file.text()] as const);
	return Object.fromEntries(await Promise.all(texts));
};

test('a header as pax states it', () => {
	const text = new TextDecoder().decode(tarHeader('run/a.json', 0o1234));
	const field = (at: number, length: number) => text.slice(at, at + length);
	expect(field(0, 100)).toBe(`run/a.json${'\0'.repeat(90)}`);
	expect(field(100, 24)).toBe('0000644\x000000000\x000000000\0');
	expect(field(124, 24)).toBe('00000001234\x0000000000000\0');
	const sum = [...utf8(text)].reduce((a, b) => a + b, 0);
	const own = [...utf8(field(148, 8))].reduce((a, b) => a + b, 0);
	expect(field(148, 8)).toBe(`${(sum - own + 8 * 32).toString(8).padStart(6, '0')}\0 `);
	expect(field(156, 1)).toBe('0');
	expect(field(157, 100)).toBe('\0'.repeat(100));
	expect(field(257, 8)).toBe('ustar\x0000');
	expect(field(265, 247)).toBe('\0'.repeat(247));
});

test('blocks of 512', () => {
	expect([0, 1, 511, 512, 513].map((size) => tarPadding(size).length)).toEqual([0, 511, 1, 0, 511]);
	expect(tarEnd()).toEqual(new Uint8Array(1024));
});

test('paths and files of more than the fields hold are refused', () => {
	expect(tarHeader('x'.repeat(100), 8 ** 11 - 1)).toHaveLength(512);
	const problem = 'too long a path or too large a file for a tar archive';
	expect(() => tarHeader('x'.repeat(101), 1)).toThrow(`${'x'.repeat(101)}, 1 bytes: ${problem}`);
	expect(() => tarHeader('x', 8 ** 11)).toThrow(`x, 8589934592 bytes: ${problem}`);
});

describe('reads', () => {
	test('regular files of every kind, and nothing else', async () => {
		const files = ['0', '\0', '7'].flatMap((type, at) => entry(`f${at}`, type, [156, type]));
		const others = ['1', '2', '5', 'g'].flatMap((type) => entry(`no${type}`, 'x', [156, type]));
		expect(await read(...others, ...files)).toEqual({ f0: '0', f1: '\0', f2: '7' });
	});

	test('sizes in base 256', async () => {
		const size = `\x80${'\0'.repeat(9)}\x01\x02`;
		const text = 'y'.repeat(258);
		expect(await read(...entry('a', text, [124, size]))).toEqual({ a: text });
	});

	test('sizes in octal with spaces around', async () => {
		expect(await read(...entry('a', 'xyz', [124, '         3 \0']))).toEqual({ a: 'xyz' });
	});

	test('a prefix of ustar, and of no other format', async () => {
		expect(await read(...entry('b', 'x', [345, 'long/folder']))).toEqual({ 'long/folder/b': 'x' });
		const v7 = [
			[345, 'long'],
			[257, '\0'.repeat(8)],
		] as const;
		expect(await read(...entry('b', 'x', ...v7))).toEqual({ b: 'x' });
	});

	test('what an extended header says of the next file, and of no further one', async () => {
		const stated = '13 size=00002\n30 path=a folder/with = sign\n9 uid=100\n';
		const parts = [
			...entry('pax', stated, [156, 'x']),
			...entry('short', 'xy'),
			...entry('b', 'z'),
		];
		expect(await read(...parts)).toEqual({ 'a folder/with = sign': 'xy', b: 'z' });
		const long = `${'n'.repeat(120)}\0`;
		const gnu = [...entry('././@LongLink', long, [156, 'L']), ...entry('short', 'xy')];
		expect(await read(...gnu, ...entry('b', 'z'))).toEqual({ ['n'.repeat(120)]: 'xy', b: 'z' });
	});

	test('only paths within it', async () => {
		const paths = ['../a', 'a/../b', '/c', './d', 'e//f', '..g/h', './'];
		const files = await read(...paths.flatMap((path) => entry(path, 'x')));
		expect(Object.keys(files)).toEqual(['d', 'e/f', '..g/h']);
	});
});

describe('refuses', () => {
	const name = (size: number) => entry('pax', 'n'.repeat(size), [156, 'L']);
	test.each<[string, Uint8Array<ArrayBuffer>[], string]>([
		[
			'a size that is no number',
			entry('a', 'x', [124, 'zz']),
			'cut short or damaged at a; save or',
		],
		[
			'a size with other letters',
			entry('a', 'x', [124, '0000000x001']),
			'cut short or damaged at a;',
		],
		[
			'a size of digits beyond octal',
			entry('a', 'x', [124, '00000000009']),
			'cut short or damaged at a;',
		],
		[
			'a size below zero',
			[...entry('pax', '11 size=-1\n', [156, 'x']), ...entry('a', 'x')],
			'cut short or damaged at a; save or copy it again',
		],
		[
			'half a size',
			[...entry('pax', '12 size=0.5\n', [156, 'x']), ...entry('a', 'x')],
			'cut short or damaged at a;',
		],
		['a name of more than 64 kB', name(65537), 'damaged: a name of 65537 bytes'],
		['what is no archive', [new Uint8Array(512).fill(1)], 'not a tar archive'],
		[
			'what is compressed',
			[Uint8Array.of(0x1f, 0x8b, ...new Uint8Array(510))],
			'compressed; unpack it with gunzip first',
		],
		['one byte of gzip', [Uint8Array.of(0x1f, ...new Uint8Array(511))], 'not a tar archive'],
		[
			'the other byte of gzip',
			[Uint8Array.of(0, 0x8b, ...new Uint8Array(510))],
			'not a tar archive',
		],
		[
			'a damaged header further on',
			[...entry('a', 'x'), new Uint8Array(512).fill(1)],
			'damaged at byte 1024; save or copy it again',
		],
	])('%s', async (_, parts, problem) => {
		await expect(read(...parts)).rejects.toThrow(`x.tar: ${problem}`);
		await expect(read(...parts)).rejects.toMatchObject({ name: 'BadInput' });
	});

	test('an archive that ends with a file', async () => {
		const cut = readTar(new Blob(entry('a', 'x')), 'x.tar');
		await expect(cut).rejects.toThrow(
			'x.tar: cut short: the end of the archive is missing; save or copy it again',
		);
	});

	test('but a name of 64 kB is read', async () => {
		expect(await read(...name(65536), ...entry('short', 'x'))).toEqual({
			['n'.repeat(65536)]: 'x',
		});
	});
});
