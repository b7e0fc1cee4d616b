/** What only a real browser can refuse: each page says whose fault it is and what to do, at both widths, without a raw error. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium, expect, type Page, test } from '@playwright/test';
import { launchOptions } from './chromium.ts';
import { servedByAnyHost } from './fixtures/anyHost.ts';
import { chooseFile, deviceLine, openLab, prepareSmallRun } from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

const raw = /TypeError|RangeError|ReferenceError|DOMException|undefined|is not a function/;

/** The newest alert that matches, which says nothing raw. */
async function refusal(page: Page, says: RegExp): Promise<string> {
	const alert = page.getByRole('alert').filter({ hasText: says }).first();
	await expect(alert).toBeVisible();
	const text = await alert.innerText();
	expect(text).not.toMatch(raw);
	return text;
}

/** A browser that finds every name on this machine. */
async function withNames(work: (context: BrowserContext) => Promise<void>): Promise<void> {
	const args = [...launchOptions.args, '--host-resolver-rules=MAP *.example 127.0.0.1'];
	const browser = await chromium.launch({ ...launchOptions, args });
	try {
		await work(await browser.newContext());
	} finally {
		await browser.close();
	}
}

test('an address that browsers do not trust', async () => {
	await servedByAnyHost((port) =>
		withNames(async (context) => {
			const page = await context.newPage();
			await page.goto(`http://lab.example:${port}/`);
			expect(await page.evaluate(() => isSecureContext)).toBe(false);
			const text = await refusal(page, /cannot run at this address/);
			expect(text).toContain(`http://lab.example:${port} is neither`);
			expect(text).toContain(`open it at http://localhost:${port}`);
			expect(text).toContain('https');
			await expect(page.locator('#demo')).toHaveCount(0);
		}),
	);
});

test('storage that the browser’s settings block', async ({ baseURL }) => {
	const profile = test.info().outputPath('profile');
	mkdirSync(join(profile, 'Default'), { recursive: true });
	const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
	writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(settings));
	const context = await chromium.launchPersistentContext(profile, launchOptions);
	const page = await context.newPage();
	await page.goto(baseURL ?? '');
	const text = await refusal(page, /library could not be read/);
	expect(text).toContain('This browser keeps nothing for this page');
	expect(text).toContain('Allow site data for this address');
	await expect(page.getByRole('button', { name: 'Reload the page' })).toBeVisible();
	await expect(deviceLine(page)).toContainText(/WebAssembly|WebGPU/);
	await context.close();
});

/** Upgrades the database as a newer lab would, in another tab; `hold`: that tab does not let go of its version 1. */
const database = (page: Page, version: number, hold: boolean) =>
	page.evaluate(
		({ version, hold }) =>
			new Promise<void>((resolve, reject) => {
				const opening = indexedDB.open('cogsym-lab', version);
				opening.onerror = () => {
					reject(new Error(String(opening.error)));
				};
				opening.onsuccess = () => {
					if (!hold) opening.result.close();
					resolve();
				};
			}),
		{ version, hold },
	);

test('an older tab that holds the database, and a newer one that has upgraded it', async ({
	page,
	context,
}) => {
	const other = await context.newPage();
	await other.goto('/favicon.svg');
	await database(other, 1, true);
	await page.goto('/');
	expect(await refusal(page, /library could not be read/)).toMatch(
		/Another tab .*Close the other tabs of the lab/,
	);
	await other.close();
	await page.getByRole('button', { name: 'Reload the page' }).click();
	await expect(page.locator('#library')).toContainText('No runs yet');

	const newer = await context.newPage();
	await newer.goto('/favicon.svg');
	await database(newer, 99, false);
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
	expect(await refusal(page, /library could not be read/)).toMatch(
		/updated.*Reload|Reload.*update/s,
	);
	await page.reload();
	expect(await refusal(page, /library could not be read/)).toMatch(/newer version of the lab/);
	const kept = await newer.evaluate(() => indexedDB.databases());
	expect(kept).toContainEqual({ name: 'cogsym-lab', version: 99 });
});

test('a graphics adapter that is not there offers WebAssembly', async ({ page }) => {
	await page.route('**/trainer.worker*.js', async (route) => {
		const response = await route.fetch();
		const none = 'GPU.prototype.requestAdapter=async()=>null;';
		await route.fulfill({ response, body: none + (await response.text()) });
	});
	await page.goto('/');
	await page.getByLabel('Compute on').selectOption('webgpu');
	expect(await refusal(page, /could not be started/)).toContain('no graphics adapter for WebGPU');
	await page.getByRole('button', { name: 'Compute on WebAssembly' }).click();
	await expect(deviceLine(page)).toContainText('WebAssembly');
	await expect(page.getByRole('alert').filter({ hasText: 'could not be started' })).toHaveCount(0);
});

test('a graphics device that is lost names run, update and checkpoint, and the run goes on', async ({
	baseURL,
}) => {
	test.skip(!hasShared, 'needs the reference material in ../shared');
	const browser = await chromium.launch(launchOptions);
	const page = await browser.newPage(baseURL === undefined ? {} : { baseURL });
	await prepareSmallRun(page, 'webgpu', { steps: 200, checkpoint: 3 });
	await page.getByRole('button', { name: 'Start training' }).click();
	const update = page.locator('#train dl[aria-label="Now"] dd').first();
	await expect(update).toHaveText(/^[5-9]|^\d\d/);
	const devtools = await browser.newBrowserCDPSession();
	const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
	process.kill(processInfo.find(({ type }) => type === 'GPU')!.id, 'SIGKILL');
	const text = await refusal(page, /The training run ended early/);
	expect(text).toMatch(
		/graphics device was lost: the driver.*Run \w+ had made \d+ updates; it goes on from its checkpoint after update \d+/,
	);
	await page.getByRole('button', { name: 'Restart the device and go on' }).click();
	await expect(page.getByRole('button', { name: 'Pause' })).toBeEnabled();
	await expect(page.getByRole('alert')).toHaveCount(0);
	await browser.close();
});

test('a thread that is stuck is told with its limit, and restarts on request', async ({ page }) => {
	let stuck = true;
	await page.route('**/data.worker*.js', async (route) => {
		const response = await route.fetch();
		const spin =
			"addEventListener('message',({data})=>{if(JSON.stringify(data).includes('preview'))for(;;);});";
		await route.fulfill({ response, body: (stuck ? spin : '') + (await response.text()) });
	});
	await openLab(page, 'wasm');
	const path = test.info().outputPath('rows.json');
	writeFileSync(path, JSON.stringify([{ instruction: 'a', output: 'b' }]));
	await chooseFile(page, path);
	const notice = page.getByText(
		'The data thread does not answer, while reading a data file: rows.json.',
	);
	await expect(notice).toBeVisible();
	await expect(page.getByRole('timer')).toHaveText(
		/\d+ s without a sign of life; it is restarted at 30 s/,
	);
	stuck = false;
	await page.getByRole('button', { name: 'Restart it now' }).click();
	await expect(notice).toHaveCount(0);
	expect(await refusal(page, /rows\.json could not be read/)).toMatch(
		/no sign of life for \d+ s while reading a data file: rows\.json, and was ended on request/,
	);
	await chooseFile(page, path);
	await expect(page.getByRole('button', { name: 'Import dataset' })).toBeVisible();
});
