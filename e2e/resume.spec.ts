/** A killed tab loses nothing that counts: the resumed run goes on exactly as one that was never interrupted. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import {
	type Backend,
	importModel,
	openLab,
	prepareSmallRun,
	storedLosses,
	trainingStatus,
	waitUntilFinished,
} from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

test.skip(!hasShared, 'needs the reference material in ../shared');

const cases: { backend: Backend; steps: number; tolerance: number }[] = [
	{ backend: 'wasm', steps: 32, tolerance: 0 },
	{ backend: 'webgpu', steps: 20, tolerance: 1e-6 },
];

const start = (page: Page) => page.getByRole('button', { name: /^(Start|Resume) training$/ });

/** Kills the tab's process: no handler runs, no transaction is finished for it. */
async function kill(page: Page): Promise<void> {
	const crashed = page.waitForEvent('crash');
	await page.goto('chrome://crash').catch(() => undefined);
	await crashed;
	await page.close();
}

async function untilUpdate(page: Page, update: number): Promise<void> {
	await page.waitForFunction(
		(wanted) => {
			const text = document.querySelector('#train dl[aria-label="Now"] dd')?.textContent ?? '';
			return Number.parseInt(text, 10) >= wanted;
		},
		update,
		{ polling: 20 },
	);
}

async function wholeRun(context: BrowserContext, backend: Backend, steps: number) {
	const page = await context.newPage();
	await prepareSmallRun(page, backend, { steps, checkpoint: 7 });
	await start(page).click();
	await waitUntilFinished(page);
	const losses = await storedLosses(page);
	await page.close();
	return losses;
}

for (const { backend, steps, tolerance } of cases)
	test(`a run killed at a random update resumes exactly on ${backend}`, async ({ browser }) => {
		const quiet = await browser.newContext();
		const expected = await wholeRun(quiet, backend, steps);
		await quiet.close();
		expect(expected).toHaveLength(steps);

		const context = await browser.newContext();
		const victim = await context.newPage();
		await prepareSmallRun(victim, backend, { steps, checkpoint: 7 });
		await start(victim).click();
		const update = 8 + Math.floor(Math.random() * (steps / 2));
		test.info().annotations.push({ type: 'killed at update', description: String(update) });
		await untilUpdate(victim, update);
		await kill(victim);

		const page = await context.newPage();
		await page.goto('/');
		await expect(page.locator('#library')).toContainText(/interrupted|running/i);
		const kept = await storedLosses(page);
		expect(kept.length).toBeGreaterThanOrEqual(7);
		expect(kept.length).toBeLessThan(steps);
		await expect(start(page)).toHaveText('Resume training');
		await start(page).click();
		await waitUntilFinished(page);
		await expect(trainingStatus(page)).toContainText(String(steps));

		const resumed = await storedLosses(page);
		expect(resumed).toHaveLength(steps);
		if (tolerance === 0) expect(resumed).toEqual(expected);
		for (const [step, loss] of resumed.entries())
			expect(Math.abs(loss / expected[step]! - 1), `update ${step}`).toBeLessThanOrEqual(tolerance);
		await context.close();
	});

/** Receipt of every stored run, and its losses, as they are in the database. */
const storedReceipts = (page: Page) =>
	page.evaluate(
		() =>
			new Promise<unknown[]>((resolve, reject) => {
				const opening = indexedDB.open('cogsym-lab');
				opening.onerror = () => {
					reject(new Error(String(opening.error)));
				};
				opening.onsuccess = () => {
					const runs = opening.result.transaction('runs').objectStore('runs').getAll();
					runs.onsuccess = () => {
						opening.result.close();
						resolve((runs.result as { receipt: unknown }[]).map(({ receipt }) => receipt));
					};
				};
			}),
	);

/** As a browser does that drops a damaged database: all of them, whatever is open. */
async function loseDatabases(page: Page): Promise<void> {
	await page.goto('/favicon.svg');
	await page.evaluate(async () => {
		for (const { name } of await indexedDB.databases())
			await new Promise<void>((resolve, reject) => {
				const deletion = indexedDB.deleteDatabase(name ?? '');
				deletion.onsuccess = () => {
					resolve();
				};
				deletion.onerror = deletion.onblocked = () => {
					reject(new Error(`${name ?? ''} was not deleted`));
				};
			});
	});
}

test('a lost database comes back from the mirror, and its run ends as if nothing had been', async ({
	browser,
}) => {
	const quiet = await browser.newContext();
	const whole = await quiet.newPage();
	await prepareSmallRun(whole, 'wasm', { steps: 40, checkpoint: 5 });
	await start(whole).click();
	await waitUntilFinished(whole);
	const expected = { losses: await storedLosses(whole), receipts: await storedReceipts(whole) };
	await quiet.close();

	const context = await browser.newContext();
	const page = await context.newPage();
	await prepareSmallRun(page, 'wasm', { steps: 40, checkpoint: 5 });
	await start(page).click();
	await untilUpdate(page, 6);
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(page.getByRole('button', { name: 'Resume training' })).toBeVisible();
	const kept = await storedLosses(page);
	const mirror = page.getByRole('status', { name: 'Mirror', exact: true });
	await expect(mirror).toContainText(/1 run, 1 checkpoint, 1 dataset/);
	// What was changed last is copied some seconds later.
	await page.waitForFunction(async (steps) => {
		const root = await navigator.storage.getDirectory();
		const folder = await (await root.getDirectoryHandle('mirror')).getDirectoryHandle('runs');
		for await (const handle of folder.values())
			if (handle.kind === 'file')
				return (await (await handle.getFile()).text()).includes(`"checkpointStep": ${steps}`);
		return false;
	}, kept.length);
	await loseDatabases(page);

	await openLab(page, 'wasm');
	const library = page.locator('#library');
	await expect(library).toContainText('No runs yet');
	await expect(library).toContainText('The mirror has 1 run and 1 dataset that this library lacks');
	await page.getByRole('button', { name: 'Bring back from the mirror' }).click();
	await page.getByRole('button', { name: 'Bring back 2' }).click();
	await expect(library).toContainText('Brought back: 1 run, 1 dataset');
	await expect(library).toContainText(/start from the model stories260K, which is not stored/);
	expect(await storedLosses(page)).toEqual(kept);
	await importModel(page);
	await page.getByRole('button', { name: /^Resume run/ }).click();
	await waitUntilFinished(page);
	expect(await storedLosses(page)).toEqual(expected.losses);
	expect(await storedReceipts(page)).toEqual(expected.receipts);
	await expect(library).not.toContainText('which is not stored');

	// A real folder handle, of the browser's own files: the picker itself cannot be driven.
	await page.evaluate(() => {
		const showDirectoryPicker = async () =>
			(await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true });
		Object.assign(globalThis, { showDirectoryPicker });
	});
	await page.getByRole('button', { name: 'Mirror to a folder' }).click();
	await expect(mirror).toContainText(/to the folder chosen \(1 run, 1 checkpoint/);
	await page.reload();
	await expect(mirror).toContainText(/to the folder chosen \(1 run, 1 checkpoint/);
	await context.close();
});
