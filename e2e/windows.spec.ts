/** One library in several tabs and windows: what trains is held, what changes is seen everywhere, nothing disturbs a run. */
import { writeFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import {
	importDataset,
	prepareSmallRun,
	storedLosses,
	waitUntilFinished,
} from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

const steps = 1000;

async function started(context: BrowserContext): Promise<Page> {
	const page = await context.newPage();
	await prepareSmallRun(page, 'wasm', { steps, checkpoint: 100 });
	await page.getByRole('button', { name: 'Start training' }).click();
	await expect(page.locator('#train dl[aria-label="Now"] dd').first()).toHaveText(/^[1-9]/);
	return page;
}

/** Presses Delete beside something, and confirms. */
async function remove(page: Page, name: RegExp): Promise<void> {
	await page.getByRole('button', { name }).first().click();
	await page.getByRole('button', { name: 'Delete for good' }).click();
}

const library = (page: Page) => page.locator('#library');
const refused = (page: Page, why: RegExp) =>
	expect(library(page).getByRole('alert').filter({ hasText: why })).toBeVisible();

test('a run that trains in one tab is safe from a second window and a third tab', async ({
	browser,
}) => {
	test.skip(!hasShared, 'needs the reference material in ../shared');
	const quiet = await browser.newContext();
	const undisturbed = await started(quiet);
	await waitUntilFinished(undisturbed);
	const expected = await storedLosses(undisturbed);
	await quiet.close();

	const context = await browser.newContext();
	const training = await started(context);
	const opened = context.waitForEvent('page');
	await training.evaluate(() => {
		window.open('/', 'second', 'popup,width=1000,height=800');
	});
	const second = await opened;
	await expect(library(second)).toContainText('training in another tab');
	await expect(second.getByRole('button', { name: /^Resume run/ })).toHaveCount(0);
	await remove(second, /^Delete run/);
	await refused(second, /open in another tab or still training/);
	await remove(second, /^Delete model/);
	await refused(second, /run/);

	const rows = test.info().outputPath('windowed.json');
	writeFileSync(rows, JSON.stringify([{ instruction: 'Say yes', output: 'yes' }]));
	await importDataset(second, rows);
	const tab = await context.newPage();
	await tab.goto('/');
	await expect(library(tab)).toContainText('windowed');
	await tab.screenshot({ path: test.info().outputPath('third-tab.png'), fullPage: true });
	await remove(tab, /^Delete dataset windowed/);
	await expect(library(tab).getByText('windowed')).toHaveCount(0);

	await waitUntilFinished(training);
	expect(await storedLosses(training)).toEqual(expected);
	await tab.reload();
	await expect(library(tab)).toContainText(`finished, ${steps} of ${steps}`);
	await remove(tab, /^Delete run/);
	await expect(library(tab)).toContainText('No runs yet');
	await second.reload();
	await expect(library(second)).toContainText('No runs yet');
	await context.close();
});
