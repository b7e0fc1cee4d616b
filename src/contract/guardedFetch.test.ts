/** Nothing may leave for a host that the user did not name. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { guardedFetch } from './guardedFetch.ts';

const asked = vi.fn<typeof fetch>(() => Promise.resolve(new Response('ok')));

beforeEach(() => {
	vi.stubGlobal('location', new URL('http://localhost:4173/work'));
	vi.stubGlobal('fetch', asked);
});

afterEach(() => {
	vi.unstubAllGlobals();
	asked.mockClear();
});

it.each(['/demo/config.json', 'demo/config.json', 'http://localhost:4173/local/0/a'])(
	'fetches %s, and follows no redirect',
	async (url) => {
		await guardedFetch(url, { Range: 'bytes=0-1' });
		expect(asked).toHaveBeenCalledOnce();
		const [target, options] = asked.mock.calls[0]!;
		expect((target as URL).origin).toBe('http://localhost:4173');
		expect(options).toMatchObject({ redirect: 'error', headers: { Range: 'bytes=0-1' } });
	},
);

it('fetches from a named host', async () => {
	await guardedFetch('https://models.example/config.json', {}, ['models.example']);
	expect(asked).toHaveBeenCalledOnce();
});

it.each([
	['https://models.example/config.json', []],
	['https://evil.example/', ['models.example']],
	['https://models.example.evil.example/', ['models.example']],
	['https://models.example:8443/', ['models.example']],
	['http://models.example/', ['models.example']],
	['//evil.example/x', []],
	['http://localhost:4174/', []],
	['data:text/plain,x', []],
	['file:///etc/passwd', []],
])('refuses %s with %j named', async (url, hosts) => {
	await expect(guardedFetch(url, {}, hosts)).rejects.toMatchObject({ name: 'BadInput' });
	expect(asked).not.toHaveBeenCalled();
});
