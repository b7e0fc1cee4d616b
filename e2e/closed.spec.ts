/** The page is closed: no script but its own runs, nothing is asked of anybody else, whatever names and rows say. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { servedByAnyHost } from './fixtures/anyHost.ts';
import { chooseFile, chooseFolder, deviceLine, openLab } from './fixtures/page.ts';
import { hasShared, storiesModel } from './fixtures/shared.ts';

/** What the page asked of others than its own host, and what it said in errors or dialogs. */
function watch(page: Page) {
	const outside: string[] = [];
	const said: string[] = [];
	page.context().on('request', (request) => {
		const { protocol, hostname } = new URL(request.url());
		if (protocol !== 'blob:' && protocol !== 'data:' && hostname !== 'localhost')
			outside.push(request.url());
	});
	page.on('pageerror', (error) => said.push(error.message));
	page.on('dialog', (dialog) => {
		said.push(dialog.message());
		void dialog.dismiss();
	});
	return { outside, said };
}

test('opening the page asks nobody, and what is not its own does not run', async ({ page }) => {
	const { outside, said } = watch(page);
	await page.goto('/');
	await expect(deviceLine(page)).toContainText(/WebGPU|WebAssembly/);
	const answers = await page.evaluate(async () => {
		const refusalOf = async (attempt: () => unknown) => {
			try {
				await attempt();
				return 'taken';
			} catch (error) {
				return String(error);
			}
		};
		const element = document.createElement('iframe');
		return {
			markup: await refusalOf(() => (element.innerHTML = '<b>x</b>')),
			frame: await refusalOf(() => (element.srcdoc = '<b>x</b>')),
			handler: await refusalOf(() => {
				element.setAttribute('onload', 'globalThis.ran = true');
			}),
			worker: await refusalOf(() => new Worker('https://evil.example/worker.js')),
			request: await refusalOf(() => fetch('http://127.0.0.1:9/')),
		};
	});
	expect(answers).toEqual({
		markup: expect.stringContaining('TrustedHTML'),
		frame: expect.stringContaining('TrustedHTML'),
		handler: expect.stringContaining('TrustedScript'),
		worker: expect.stringContaining('no script of this page'),
		request: expect.stringContaining('Failed to fetch'),
	});
	expect(outside.filter((url) => url !== 'http://127.0.0.1:9/')).toEqual([]);
	expect(said).toEqual([]);
});

const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';

test('markup in names and rows is shown as text', async ({ page }) => {
	test.skip(!hasShared, 'needs the reference material in ../shared');
	const { outside, said } = watch(page);
	await openLab(page, 'wasm');
	const folder = test.info().outputPath('<img src=x onerror=alert(3)>');
	mkdirSync(folder);
	cpSync(storiesModel, folder, { recursive: true });
	await chooseFolder(page, folder);
	await expect(page.locator('#model')).toContainText(/On the device\s*yes/);
	const file = join(test.info().outputDir, '"><img src=x onerror=alert(4)>.json');
	const rows = [markup, `{@html '${markup}'}`, '__proto__'].map((text) => ({
		instruction: text,
		input: '',
		output: text,
		[markup]: text,
	}));
	writeFileSync(file, JSON.stringify(rows));
	await chooseFile(page, file);
	await page.getByRole('button', { name: 'Import dataset' }).click();
	await expect(page.getByRole('region', { name: 'Rendered row' })).toContainText(markup);
	for (const text of ['<img src=x onerror=alert(3)>', '<img src=x onerror=alert(4)>'])
		await expect(page.locator('#library')).toContainText(text);
	expect(await page.locator('img[src="x"], script:not([src])').count()).toBe(0);
	expect(outside).toEqual([]);
	expect(said).toEqual([]);
});

test('a host that sends no headers: the service worker isolates the page, so that WASM has its threads', async ({
	page,
}) => {
	await servedByAnyHost(async (port) => {
		const { outside, said } = watch(page);
		await page.goto(`http://localhost:${port}/`);
		await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
		await page.getByLabel('Compute on').selectOption('wasm');
		await expect(deviceLine(page)).toContainText('WebAssembly');
		await expect(deviceLine(page)).toContainText(/[2-8] threads/);
		expect(outside).toEqual([]);
		expect(said).toEqual([]);
	});
});
