/** A killed tab loses nothing that counts: the resumed run goes on exactly as one that was never interrupted. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import {
	type Backend,
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
