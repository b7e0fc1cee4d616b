/** The bundled demo on a study made short by the address: from the button to the words, cancelled, and on two backends. */
import { expect, type Page, test } from '@playwright/test';
import { type Backend, deviceLine } from './fixtures/page.ts';

test.beforeEach(async ({ request }) => {
	const model = await request.get('/demo/config.json');
	test.skip(!model.ok(), 'needs the bundled model in public/demo');
});

async function openDemo(page: Page, backend: Backend, query: string): Promise<void> {
	await page.goto(`/?${query}`);
	await page.getByLabel('Compute on').selectOption(backend);
	await expect(deviceLine(page)).toContainText(backend === 'wasm' ? 'WebAssembly' : 'WebGPU');
}

const start = (page: Page) => page.getByRole('button', { name: /^Train it now/ });
const again = (page: Page) => page.getByRole('button', { name: /^Train again/ });
const table = (page: Page) => page.getByRole('table', { name: 'Everything that was measured' });
const rowsOf = (page: Page) => table(page).locator('tbody tr').allInnerTexts();

test('one button trains, draws, says what came out, and leads on to the workshop', async ({
	page,
}) => {
	test.setTimeout(400_000);
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	await openDemo(page, 'wasm', 'demo-steps=4&demo-points=base,front,rear');
	await expect(page.locator('#demo')).toContainText('Shortened by the address of this page');
	await expect(table(page)).toHaveCount(0);
	await start(page).click();
	const understands = page.getByRole('img', { name: /^Understands: Javanese/ });
	await expect(understands).toHaveAccessibleName(/(Front|Rear) \d/, { timeout: 60_000 });
	await expect(page.getByRole('heading', { name: 'What each copy says now' })).toBeVisible();
	await expect(again(page)).toBeVisible({ timeout: 300_000 });

	await expect(table(page).getByRole('rowheader')).toHaveText([
		'Base',
		'Front 25 %',
		'Rear 25 %',
		'Items asked',
	]);
	// Four updates teach nobody a language: the words must say so.
	await expect(page.getByRole('heading', { name: /expected split does not show/ })).toBeVisible();
	await expect(page.getByRole('img', { name: /Front 25 %: understands/ })).toBeVisible();
	await expect(page.locator('#demo')).not.toContainText('on this machine');
	const measured = await rowsOf(page);
	const whole = page.viewportSize();
	await page.setViewportSize({ width: 360, height: 800 });
	const width = () => page.evaluate(() => document.documentElement.scrollWidth);
	await expect.poll(width, { message: 'nothing sticks out of a narrow window' }).toBe(360);
	if (whole) await page.setViewportSize(whole);

	await page.reload();
	await expect(page.locator('#demo')).toContainText(/Trained on .* on this machine/);
	expect(await rowsOf(page)).toEqual(measured);

	await page.getByRole('button', { name: 'Put them into the workshop' }).click();
	await expect(page.locator('#model')).toContainText(/On the device\s*yes/);
	await expect(page.locator('#layers [data-cell]:focus')).toHaveCount(1);
	await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
	expect(problems).toEqual([]);
});

test('a study that is cancelled ends soon, and nothing of it is called a result', async ({
	page,
}) => {
	await openDemo(page, 'wasm', 'demo-steps=400&demo-points=front,rear');
	await start(page).click();
	const demo = page.locator('#demo');
	await expect(demo).toContainText(/Now: Front 25 % and Rear 25 %|Now: Front 25 %/, {
		timeout: 60_000,
	});
	await page.getByRole('button', { name: 'Cancel' }).click();
	await expect(start(page)).toBeEnabled({ timeout: 30_000 });
	await expect(table(page)).toHaveCount(0);
});

test('WebGPU gives the same table as wasm', async ({ page }) => {
	test.setTimeout(900_000);
	const query = 'demo-steps=2&demo-points=base,front';
	await openDemo(page, 'wasm', query);
	await start(page).click();
	await expect(again(page)).toBeVisible({ timeout: 300_000 });
	const numbers = async () =>
		(await rowsOf(page)).map((row) => (row.match(/\b\d+(?=\s|$)/g) ?? []).map(Number).slice(-15));
	const wasm = await numbers();
	await openDemo(page, 'webgpu', query);
	await again(page).click();
	await expect(page.locator('#demo')).toContainText('on WebGPU', { timeout: 60_000 });
	// What wasm measured of the base model is not taken for it.
	await expect(page.locator('#demo')).toContainText('Now: Base', { timeout: 600_000 });
	await expect(again(page)).toBeVisible({ timeout: 800_000 });
	await expect(page.locator('#demo')).not.toContainText('on this machine');
	const webgpu = await numbers();
	expect(webgpu.map((row) => row.length)).toEqual([15, 15]);
	for (const [row, values] of webgpu.entries())
		for (const [column, value] of values.entries())
			expect(
				Math.abs(value - (wasm[row]?.[column] ?? NaN)),
				`row ${row + 1}, column ${column + 1}`,
			).toBeLessThanOrEqual(5);
});
