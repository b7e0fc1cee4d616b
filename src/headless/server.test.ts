/** @vitest-environment node */
/** The server must give exactly the named files, exactly the bytes asked for, and isolate the page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from './server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lab-server-'));
const root = mkdtempSync(join(tmpdir(), 'lab-page-'));
const path = join(folder, 'model one.safetensors');
let server: LocalServer;
let url: string;

beforeAll(async () => {
	writeFileSync(path, '0123456789');
	writeFileSync(join(folder, 'secret.txt'), 'not shared');
	writeFileSync(join(root, 'index.html'), '<title>the page</title>');
	server = await startServer({ root });
	const [file] = server.share([path]);
	expect(file).toMatchObject({ name: 'model one.safetensors', size: 10 });
	url = server.url + (file?.url ?? '');
});

afterAll(() => {
	server.close();
	rmSync(folder, { recursive: true });
	rmSync(root, { recursive: true });
});

const get = (range?: string) => fetch(url, range ? { headers: { range } } : {});

describe('local server', () => {
	it('serves the page', async () => {
		expect(await (await fetch(`${server.url}/?headless`)).text()).toContain('the page');
	});

	it('sends a whole file, isolated', async () => {
		const response = await get();
		expect(response.status).toBe(200);
		expect(await response.text()).toBe('0123456789');
		expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
		expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
	});

	it.each([
		['bytes=0-0', '0', 'bytes 0-0/10'],
		['bytes=2-4', '234', 'bytes 2-4/10'],
		['bytes=7-', '789', 'bytes 7-9/10'],
		['bytes=-3', '789', 'bytes 7-9/10'],
		['bytes=8-99', '89', 'bytes 8-9/10'],
	])('sends the range %s', async (range, text, header) => {
		const response = await get(range);
		expect(response.status).toBe(206);
		expect(await response.text()).toBe(text);
		expect(response.headers.get('content-range')).toBe(header);
	});

	it.each(['bytes=10-11', 'bytes=4-2', 'bytes=-', 'rows=1-2'])('refuses %s', async (range) => {
		expect((await get(range)).status).toBe(416);
	});

	it('says that a port is taken and what another one means', async () => {
		const second = startServer({ root, port: server.port });
		await expect(second).rejects.toThrow(`Port ${server.port} is taken`);
		await expect(second).rejects.toThrow(/library of its own/);
	});

	it('gives nothing that was not named, and takes nothing', async () => {
		const sibling = new URL('secret.txt', url);
		expect((await fetch(sibling)).status).toBe(404);
		expect((await fetch(new URL('../../package.json', url))).status).toBe(404);
		expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405);
	});
});
