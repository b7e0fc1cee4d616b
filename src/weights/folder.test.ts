import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fileSource, openModelFolder, urlSource } from './folder.ts';

const golden = '../shared/golden';
const stories = '../shared/data/models/stories260K';

/** The files of a folder as the browser hands them over, under a leading path. */
function folderFiles(folder: string, prefix = '') {
	return readdirSync(folder).map((name) => {
		const source = fileSource(new File([readFileSync(`${folder}/${name}`)], name));
		return { ...source, name: `${prefix}${name}` };
	});
}

describe.skipIf(!existsSync(golden))('reference folders', () => {
	test.each(['llama2', 'llama3-scaled-rope', 'mistral-window', 'qwen2', 'qwen3'])(
		'%s opens and every tensor is read',
		async (model) => {
			const folder = await openModelFolder(folderFiles(`${golden}/${model}`), model, 'weights');
			expect(folder.config.layers).toBe(4);
			expect(folder.tokenizerJson).toBeNull();
			for (const name of folder.tensors.names) {
				const size = folder.tensors.shape(name).reduce((a, b) => a * b, 1);
				expect(await folder.tensors.read(name)).toHaveLength(size);
			}
		},
	);

	test('a folder without tokenizer is refused where one is needed', async () => {
		await expect(openModelFolder(folderFiles(`${golden}/qwen2`), 'qwen2')).rejects.toThrow(
			/^tokenizer\.json: not among the files of "qwen2"/,
		);
	});
});

describe.skipIf(!existsSync(stories))('stories260K', () => {
	test('opens below leading folders, other files ignored', async () => {
		const files = folderFiles(stories, 'models/stories260K/');
		const other = fileSource(new File(['hello'], 'notes.txt'));
		const folder = await openModelFolder([other, ...files], 'stories');
		expect(folder.config).toMatchObject({ layers: 5, tiedEmbeddings: true, vocabularySize: 512 });
		expect(folder.tokenizerConfig).toMatchObject({ bos_token: '<s>' });
		const embedding = await folder.tensors.read('model.embed_tokens.weight');
		const norm = Math.sqrt(embedding.reduce((sum, x) => sum + x * x, 0));
		expect(norm).toBeGreaterThan(1);
	});

	test('config.json that is missing, empty or malformed is named', async () => {
		const files = folderFiles(stories);
		const without = files.filter(({ name }) => name !== 'config.json');
		const withConfig = (text: string) => [...without, fileSource(new File([text], 'config.json'))];
		await expect(openModelFolder(without, 'x')).rejects.toThrow(
			/^config\.json: not among the files/,
		);
		await expect(openModelFolder(withConfig(' '), 'x')).rejects.toThrow(
			/^config\.json: the file is empty/,
		);
		await expect(openModelFolder(withConfig('{"a"'), 'x')).rejects.toThrow(
			/^config\.json: not valid JSON/,
		);
		const text = readFileSync(`${stories}/config.json`, 'utf8');
		const wider = withConfig(text.replace('"hidden_size": 64', '"hidden_size": 128'));
		await expect(openModelFolder(wider, 'x')).rejects.toThrow(
			/embed_tokens\.weight \[512,64\], not \[512,128\].* and \d+ more/,
		);
	});

	test('two models side by side are refused', async () => {
		const files = [...folderFiles(stories, 'a/'), ...folderFiles(stories, 'b/')];
		await expect(openModelFolder(files, 'both')).rejects.toThrow(/several models \(a\/, b\/\)/);
	});
});

describe('urlSource', () => {
	const content = Uint8Array.from({ length: 100 }, (_, i) => i);
	let server: Server;
	let base: string;

	beforeAll(async () => {
		server = createServer((request, response) => {
			const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
			if (request.url === '/missing') response.writeHead(404).end();
			else if (range && request.url === '/ranges') {
				response.writeHead(206).end(content.slice(Number(range[1]), Number(range[2]) + 1));
			} else response.writeHead(200).end(content);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		// The page comes from the server that shares the files.
		vi.stubGlobal('location', new URL(base));
	});
	afterAll(() => {
		vi.unstubAllGlobals();
		server.close();
	});

	const source = (path: string, size = 100) =>
		urlSource({ name: 'w.bin', url: `${base}${path}`, size });

	test('reads parts by range and the whole', async () => {
		expect([...(await source('/ranges').read(10, 13))]).toEqual([10, 11, 12]);
		expect([...(await source('/ranges').read(97, 100))]).toEqual([97, 98, 99]);
		expect([...(await source('/ranges').read(0, 2))]).toEqual([0, 1]);
		expect(await source('/ranges').read(5, 5)).toHaveLength(0);
		expect(await source('/plain').read(0, 100)).toEqual(content);
	});

	test('names what went wrong', async () => {
		await expect(source('/plain').read(10, 13)).rejects.toThrow(
			`w.bin: ${base}/plain does not serve ranges of a file; use a server that does`,
		);
		await expect(source('/missing').read(0, 100)).rejects.toMatchObject({
			name: 'NotFound',
			message: `w.bin: ${base}/missing answered 404; check the address`,
		});
		await expect(source('/plain', 90).read(0, 90)).rejects.toThrow(
			`w.bin: ${base}/plain sent 100 bytes instead of 90; load it again`,
		);
		await expect(source('/ranges').read(99, 101)).rejects.toThrow(/outside the file of 100/);
	});
});
