/** A folder and a file dropped on the page, as a hand would; a measurement called off. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { openLab } from './fixtures/page.ts';
import { hasShared, javanesePairs, shared, storiesModel } from './fixtures/shared.ts';

/** Drops paths of the disk on an element, through the browser's own drag handling. */
async function dropPaths(page: Page, target: Locator, files: readonly string[]): Promise<void> {
	await target.scrollIntoViewIfNeeded();
	const box = await target.boundingBox();
	if (box === null) throw new Error('the drop target is not on the page');
	const at = { x: box.x + 30, y: box.y + 15 };
	const data = { items: [], files: [...files], dragOperationsMask: 1 };
	const session = await page.context().newCDPSession(page);
	for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
		await session.send('Input.dispatchDragEvent', { type, ...at, data });
	await session.detach();
}

test.describe('dropped on the page', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	test('a model folder and a dataset are taken; a measurement can be called off', async ({
		page,
	}) => {
		await openLab(page, 'wasm');
		await dropPaths(page, page.getByRole('group', { name: 'Model folder' }), [storiesModel]);
		await expect(page.locator('#model')).toContainText('stories260K', { timeout: 30_000 });
		await expect(page.locator('#model')).toContainText('260 thousand parameters');
		await dropPaths(page, page.getByRole('group', { name: 'Dataset file' }), [javanesePairs]);
		await expect(page.locator('#language')).toContainText('3,482 rows');

		await page
			.locator('input[type=file][aria-label="Text table"]')
			.setInputFiles(shared('data/nusax/mt/test.csv'));
		await page.locator('#text-rows').fill('400');
		await page.locator('#text-rows').blur();
		await page.getByRole('button', { name: 'Measure', exact: true }).click();
		await page.getByRole('button', { name: 'Cancel measuring' }).click();
		await expect(page.getByRole('button', { name: 'Measure', exact: true })).toBeEnabled({
			timeout: 60_000,
		});
		await page.locator('#text-rows').fill('3');
		await page.locator('#text-rows').blur();
		await page.getByRole('button', { name: 'Measure', exact: true }).click();
		await expect(page.getByRole('table', { name: 'Results' }).getByRole('row')).toHaveCount(3, {
			timeout: 60_000,
		});
	});
});
