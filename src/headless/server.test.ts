/** @vitest-environment node */
/** The server must give exactly the named files, exactly the bytes asked for, and isolate the page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
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

	/** As `curl --path-as-is` asks: nothing is tidied on the way. */
	const asked = (path: string, host = `localhost:${server.port}`) =>
		new Promise<IncomingMessage>((resolve, reject) => {
			request({ port: server.port, path, headers: { host } }, resolve).on('error', reject).end();
		});

	it.each([
		['//', 400],
		['//evil.example/', 400],
		['/%E0%A4%A', 400],
		['http://evil.example/', 400],
		['*', 400],
		['/../../etc/passwd', 404],
		['/%2e%2e/%2e%2e/etc/passwd', 404],
		[`/${'a/'.repeat(5000)}`, 404],
	])('answers the path %s with %i and goes on', async (path, status) => {
		expect((await asked(path)).statusCode).toBe(status);
		expect((await asked('/')).statusCode).toBe(200);
	});

	it.each(['localhost', '127.0.0.1', '[::1]', 'lab.localhost', 'LOCALHOST'])(
		'answers as %s, on any port',
		async (host) => {
			expect((await asked('/', host)).statusCode).toBe(200);
			expect((await asked('/', `${host}:9`)).statusCode).toBe(200);
		},
	);

	it.each(['evil.example', 'localhost.evil.example', 'evil.localhost.example:4173', '10.0.0.1'])(
		'refuses to answer as "%s"',
		async (host) => {
			const answer = await asked('/', host);
			expect(answer.statusCode).toBe(421);
			expect(answer.headers).toHaveProperty('content-security-policy');
		},
	);

	it('says 404 of a named file that is gone', async () => {
		const gone = join(folder, 'gone.bin');
		writeFileSync(gone, 'x');
		const [file] = server.share([gone]);
		rmSync(gone);
		expect((await fetch(server.url + file!.url)).status).toBe(404);
	});

	it('lets scripts of this origin run and no others, whatever is served', async () => {
		for (const path of ['/', new URL(url).pathname]) {
			const { headers } = await fetch(server.url + path);
			const policy = headers.get('content-security-policy');
			expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
			expect(policy).toContain("require-trusted-types-for 'script'");
			expect(policy).not.toMatch(/'unsafe-(inline|eval)'|blob: *;? *worker|worker-src[^;]*blob/);
			expect(headers.get('referrer-policy')).toBe('no-referrer');
			expect(headers.get('permissions-policy')).toContain('camera=()');
		}
	});

	it('gives nothing that was not named, and takes nothing', async () => {
		const sibling = new URL('secret.txt', url);
		expect((await fetch(sibling)).status).toBe(404);
		expect((await fetch(new URL('../../package.json', url))).status).toBe(404);
		expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405);
	});
});
