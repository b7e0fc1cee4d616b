/** The Study panel on the bundled demo, made short by the address, and layers chosen by scores. */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { importModel, openLab } from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

test.beforeEach(async ({ request }) => {
	const model = await request.get('/demo/config.json');
	test.skip(!model.ok(), 'needs the bundled model in public/demo');
});

const panel = (page: Page) => page.locator('#study');
const run = (page: Page) => panel(page).getByRole('button', { name: 'Run study' });

/** Two updates for each run. */
async function openShort(page: Page, figure: string): Promise<void> {
	await page.goto('/?demo-steps=2');
	await page.getByLabel('Compute on').selectOption('wasm');
	await panel(page).getByLabel('Figure', { exact: true }).selectOption(figure);
}

async function exported(page: Page, kind: string): Promise<string> {
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		panel(page).getByRole('button', { name: kind }).click(),
	]);
	return readFileSync(await download.path(), 'utf8');
}

test('a figure is paused, left, taken up again, and never trains twice', async ({ page }) => {
	await openShort(page, 'figure-4');
	await run(page).click();
	const queue = panel(page).getByRole('list', { name: 'Runs of the study' });
	await queue.getByRole('button', { name: 'Base: cancel' }).click();
	await expect(queue.getByRole('listitem').filter({ hasText: 'Base' })).toContainText('taken out');
	await queue.getByRole('button', { name: 'Base: retry' }).click();
	await expect(queue.getByText('done').first()).toBeVisible({ timeout: 120_000 });
	await panel(page).getByRole('button', { name: 'Pause study' }).press('Enter');
	await expect(run(page)).toBeFocused();
	await expect(queue).not.toContainText('taken out');
	const progress = panel(page).getByRole('status', { name: 'Study progress' });
	await expect(progress).toContainText(/^[0-4] of 5 runs/);

	await openShort(page, 'figure-4');
	await run(page).click();
	await expect(progress).toContainText('5 of 5 runs', { timeout: 120_000 });
	// Front, rear, CogSym and full have 8 updates; what was finished before the page was left is not done again.
	await expect(progress).not.toContainText('of 8 updates');
	await expect(panel(page).getByRole('img')).toHaveAttribute('alt', /numbers so far/);
	const csv = await exported(page, 'CSV');
	expect(csv.split('\n')[0]).toContain('figure,language,seed,point');
	expect(csv).toMatch(/figure-4,javanese,1,full,.*,2,/);
	expect(await exported(page, 'SVG')).toContain('data-measure="words-production"');
	expect(await exported(page, 'Report')).toContain('<h2>Runs</h2>');
});

test('layers are ranked by the spectra of a model, and the best are taken', async ({ page }) => {
	test.skip(!hasShared, 'needs the reference material in ../shared');
	await openLab(page, 'wasm');
	await importModel(page);
	const layers = page.locator('#layers');
	await layers.getByText('Choose layers by scores').click();
	await expect(layers.getByRole('button', { name: /^Score by fisher/ })).toBeDisabled();
	await layers.getByRole('button', { name: 'Score by heavy tails' }).click();
	const map = layers.getByRole('table', { name: 'Place of every layer in each ranking' });
	const places = map.getByRole('row', { name: /^Heavy tails/ }).getByRole('cell');
	await expect(places).toHaveCount(6);
	const ranks = (await places.allTextContents()).slice(0, 5).map(Number);
	expect([...ranks].sort()).toEqual([1, 2, 3, 4, 5]);
	await layers.getByRole('button', { name: 'Train the 2 best by Heavy tails' }).click();
	const best = ranks.flatMap((rank, layer) => (rank <= 2 ? [layer] : []));
	const said = best[1]! - best[0]! === 1 ? best.join('–') : best.join(', ');
	await expect(layers.getByRole('status', { name: 'Selection' })).toContainText(
		`the embedding, layers ${said} and the output head`,
	);
});
