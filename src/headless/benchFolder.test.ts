/** The pack must hold all that the bench needs elsewhere, never grow too large, and never empty a foreign folder. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack, requirePackable, requireSize } from './benchFolder.mjs';

let folder: string;
let programs: Record<string, string>;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bench-pack-'));
	programs = { node: join(folder, 'node'), 'dawn.node': join(folder, 'dawn.node') };
	for (const path of Object.values(programs)) await writeFile(path, `binary of ${path}`);
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

describe('pack', () => {
	it('holds bundle, scripts and binaries', { timeout: 300_000 }, async () => {
		const out = join(folder, 'out');
		const { files, total } = await pack(out, programs);
		const names = files.map(({ name }) => name);
		expect(names).toEqual(
			expect.arrayContaining(['main.mjs', 'run.sh', 'torchStep.py', 'node.gz', 'dawn.node.gz']),
		);
		expect((await readdir(out)).sort()).toEqual(names.sort());
		const sizes = await Promise.all(names.map(async (name) => (await stat(join(out, name))).size));
		expect(total).toBe(sizes.reduce((sum, size) => sum + size, 0));
		for (const [name, path] of Object.entries(programs))
			expect(gunzipSync(await readFile(join(out, `${name}.gz`)))).toEqual(await readFile(path));
		// Over itself it may pack again; what became too large is not left behind.
		await expect(pack(out, programs, 1000)).rejects.toThrow(/are allowed; the largest: /);
		expect(existsSync(out)).toBe(false);
	});

	it('leaves a folder alone that is no pack', async () => {
		await expect(pack(folder, programs)).rejects.toThrow(/no pack of the bench/);
		expect((await readdir(folder)).sort()).toEqual(['dawn.node', 'node']);
	});
});

describe('requireSize', () => {
	const files = [
		{ name: 'node.gz', bytes: 35.7e6 },
		{ name: 'dawn.node.gz', bytes: 24.3e6 },
	];

	it('takes 60 MB', () => {
		expect(requireSize(files)).toBe(60e6);
	});

	it('refuses one byte more, with what is large', () => {
		expect(() => requireSize([...files, { name: 'main.mjs', bytes: 1 }])).toThrow(
			/60\.0 MB are allowed; the largest: node\.gz 35\.7 MB, dawn\.node\.gz 24\.3 MB/,
		);
	});
});

describe('requirePackable', () => {
	const here = { platform: 'linux', arch: 'x64', sharedNode: false };

	it('takes x86-64 Linux', () => {
		expect(() => {
			requirePackable(here);
		}).not.toThrow();
	});

	it.each([{ platform: 'darwin' }, { arch: 'arm64' }, { sharedNode: true }])(
		'refuses %o',
		(other) => {
			expect(() => {
				requirePackable({ ...here, ...other });
			}).toThrow(/Linux|libnode/);
		},
	);
});
