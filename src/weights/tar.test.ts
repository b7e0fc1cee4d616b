/** The archive must be one that `tar` itself reads. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeTar } from './tar.ts';

const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 251);

it('is read by tar: names, sizes and bytes', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'tar-'));
	const files = [
		{ name: 'a.json', parts: [bytes(3)] },
		{ name: 'b.bin', parts: [bytes(512), bytes(513)] },
		{ name: 'empty', parts: [] },
	];
	const archive = new Blob(encodeTar('run-1', files));
	expect(archive.size % 512).toBe(0);
	writeFileSync(join(folder, 'x.tar'), new Uint8Array(await archive.arrayBuffer()));
	execFileSync('tar', ['xf', 'x.tar'], { cwd: folder });
	const content = (name: string) => new Uint8Array(readFileSync(join(folder, 'run-1', name)));
	expect(content('a.json')).toEqual(bytes(3));
	expect(content('b.bin')).toEqual(Uint8Array.of(...bytes(512), ...bytes(513)));
	expect(content('empty')).toHaveLength(0);
	rmSync(folder, { recursive: true });
});

it('refuses a path that would be cut', () => {
	expect(() => encodeTar('x'.repeat(95), [{ name: 'a.json', parts: [] }])).toThrow(
		/too long a path/,
	);
});
