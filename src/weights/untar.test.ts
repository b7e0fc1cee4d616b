/** Archives of ours, of tar in each of its formats, and hostile ones. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeTar, tarEnd, tarHeader, tarPadding } from './tar.ts';
import { readTar } from './untar.ts';

const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 251);
const contentOf = async (file: Blob | undefined) =>
	new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer());

it('reads what is written', async () => {
	const parts = encodeTar('run', [
		{ name: 'a.json', parts: [bytes(3), bytes(600)] },
		{ name: 'empty', parts: [] },
	]);
	const files = await readTar(new Blob(parts), 'x.tar');
	expect([...files.keys()]).toEqual(['run/a.json', 'run/empty']);
	expect(await contentOf(files.get('run/a.json'))).toEqual(
		Uint8Array.of(...bytes(3), ...bytes(600)),
	);
	expect(files.get('run/empty')?.size).toBe(0);
});

it.each(['v7', 'ustar', 'gnu', 'pax'])('reads what tar writes in format %s', async (format) => {
	const folder = mkdtempSync(join(tmpdir(), 'untar-'));
	const long = format === 'v7' ? 'deep' : 'very-long-folder-name-'.repeat(3) + 'é';
	const inner = join(folder, long, 'more'.repeat(12));
	mkdirSync(inner, { recursive: true });
	writeFileSync(join(inner, 'file.bin'), bytes(1025));
	symlinkSync('/etc/passwd', join(folder, 'link'));
	const archive = join(folder, 'x.tar');
	execFileSync('tar', [`--format=${format}`, '-cf', archive, '-C', folder, `./${long}`, 'link']);
	const files = await readTar(new Blob([readFileSync(archive)]), 'x.tar');
	rmSync(folder, { recursive: true });
	expect([...files.keys()]).toEqual([`${long}/${'more'.repeat(12)}/file.bin`]);
	expect(await contentOf([...files.values()][0])).toEqual(bytes(1025));
});

const one = (path: string, size: number, content = bytes(size)) => [
	tarHeader(path, size),
	content,
	tarPadding(size),
];

it('passes over paths that lead out of it', async () => {
	const parts = [...one('../../x', 3), ...one('/etc/x', 3), ...one('./a//b', 3), tarEnd()];
	expect([...(await readTar(new Blob(parts), 'x.tar')).keys()]).toEqual(['a/b']);
});

it.each([
	['cut in a file', () => new Blob(one('a', 5000, bytes(700))), /x\.tar: cut short.* at a;/],
	['without its end', () => new Blob(one('a', 5)), /end of the archive is missing/],
	['of zeros only up to half a block', () => new Blob([bytes(100)]), /end of the archive/],
	['that is compressed', () => new Blob([Uint8Array.of(0x1f, 0x8b), bytes(600)]), /gunzip/],
	['that is something else', () => new Blob([bytes(2000)]), /not a tar archive/],
	[
		'whose second header is damaged',
		() => new Blob([...one('a', 5), bytes(512), tarEnd()]),
		/damaged at byte 1024/,
	],
])('refuses an archive %s', async (_, archive, message) => {
	await expect(readTar(archive(), 'x.tar')).rejects.toMatchObject({ name: 'BadInput' });
	await expect(readTar(archive(), 'x.tar')).rejects.toThrow(message);
});
