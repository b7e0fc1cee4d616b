/** The whole way of a user: model, data, layers, training, measuring, keeping; and the same with the keyboard alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';
import {
	chooseFile,
	deviceLine,
	openLab,
	prepareSmallRun,
	waitUntilFinished,
} from './fixtures/page.ts';
import { hasShared, javanesePairs, shared, storiesModel } from './fixtures/shared.ts';

test('the page names its device and says what to do first', async ({ page }) => {
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	await page.goto('/');
	await expect(deviceLine(page)).toContainText(/WebGPU|WebAssembly/);
	expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
	await expect(page.getByRole('button', { name: 'Start training' })).toBeDisabled();
	await expect(page.locator('#train')).toContainText('Choose a model and a dataset first');
	for (const name of ['Model', 'Language', 'Layers', 'Train', 'Measure', 'Library'])
		await expect(page.getByRole('heading', { level: 2, name, exact: true })).toBeVisible();
	expect(problems).toEqual([]);
});

test('plain text is recognised, shown as it is and graded as a whole', async ({ page }) => {
	const file = test.info().outputPath('tales.jsonl');
	const texts = ['kucing mangan iwak', null, 'wong tuku sega'];
	writeFileSync(file, texts.map((text) => JSON.stringify({ text })).join('\n'));
	await openLab(page, 'wasm');
	await chooseFile(page, file);
	await expect(page.getByLabel('Instruction', { exact: true })).toHaveValue('');
	await expect(page.getByLabel('Input', { exact: true })).toHaveCount(0);
	await expect(page.getByLabel('Text', { exact: true })).toHaveValue('text');
	const leftOut = page.getByText('1 of 3 rows is left out: 1 without a text (row 2).');
	await expect(leftOut).toBeVisible();
	await page.getByRole('button', { name: 'Import dataset' }).click();
	await expect(page.getByLabel('Template')).toHaveValue('plain');
	await expect(leftOut).toBeVisible();
	const row = page.getByRole('region', { name: 'Rendered row' });
	await expect(row).toHaveText('kucing mangan iwak');
	await page.getByLabel('Graded on').selectOption('response');
	await expect(row.locator('mark')).toHaveText('kucing mangan iwak');
});

test.describe('with a real checkpoint', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	const results = (page: Page) => page.getByRole('table', { name: 'Results' }).getByRole('row');
	const cell = async (row: Locator, label: string) =>
		Number.parseFloat(await row.locator(`td[data-label="${label}"]`).innerText());

	test('a user adapts, measures, reloads and finds it all again', async ({ page }) => {
		await prepareSmallRun(page, 'wasm', { steps: 12, checkpoint: 4 });
		await expect(page.getByRole('status', { name: 'Selection' })).toContainText(/embedding/i);
		await page.getByRole('button', { name: 'Start training' }).click();
		await waitUntilFinished(page);
		const whole = page.viewportSize();
		await page.setViewportSize({ width: 390, height: 800 });
		const width = () => page.evaluate(() => document.documentElement.scrollWidth);
		await expect.poll(width, { message: 'nothing sticks out of a narrow window' }).toBe(390);
		if (whole) await page.setViewportSize(whole);
		const receipt = page.getByRole('region', { name: 'Receipt' });
		await expect(receipt).toContainText('20 tensors trained');
		await expect(receipt).toContainText(/frozen tensors are the same to the\s+last bit/);

		await page
			.locator('input[type=file][aria-label="Text table"]')
			.setInputFiles(shared('data/nusax/mt/test.csv'));
		await page.getByLabel('First language').selectOption('javanese');
		await page.getByLabel('Second language').selectOption('english');
		await page.locator('#text-rows').fill('4');
		await page.locator('#text-rows').blur();
		const sentiment = shared('data/nusax/sentiment/javanese');
		await page
			.locator('input[type=file][aria-label="Example table"]')
			.setInputFiles(`${sentiment}/train.csv`);
		await page
			.locator('input[type=file][aria-label="Test table"]')
			.setInputFiles(`${sentiment}/test.csv`);
		await page.locator('#task-items').fill('6');
		await page.locator('#task-runs').fill('2');
		await page.locator('#task-runs').blur();
		await page.getByRole('button', { name: 'Measure', exact: true }).click();
		await expect(results(page)).toHaveCount(5, { timeout: 120_000 });
		await expect(page.getByRole('button', { name: 'Measure', exact: true })).toBeEnabled({
			timeout: 120_000,
		});
		const row = (name: RegExp) =>
			results(page).filter({ has: page.getByRole('rowheader', { name }) });
		for (const name of [/held out/, /^javanese loss/])
			expect(await cell(row(name), 'Adapted')).toBeLessThan(await cell(row(name), 'Base'));
		const kept = (await results(page).allInnerTexts()).sort();

		const download = page.waitForEvent('download');
		await page.getByRole('button', { name: /^Export run/ }).click();
		const file = readFileSync(await (await download).path());
		const header = file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0)));
		expect(Object.keys(JSON.parse(header) as object)).toContain('lm_head.weight');

		await page.reload();
		await expect(page.locator('#model')).toContainText(/On the device\s*yes/);
		await expect(page.getByRole('button', { name: 'Finished' })).toBeVisible();
		await expect(receipt).toContainText('20 tensors trained');
		expect((await results(page).allInnerTexts()).sort()).toEqual(kept);
		const library = page.locator('#library');
		await expect(library).toContainText('finished, 12 of 12');
		await expect(library).toContainText('stories260K');
		await expect(library).toContainText('javanese_oasst1_pairs');
	});

	test('a paused run steps, stops, and continues after a reload', async ({ page }) => {
		await prepareSmallRun(page, 'wasm', { steps: 400, checkpoint: 5 });
		await page.getByRole('button', { name: 'Start training' }).click();
		await page.getByRole('button', { name: 'Pause' }).click();
		const status = page.getByRole('status', { name: 'Training status' });
		await expect(status).toContainText('Paused after');
		const update = page.getByLabel('Now').locator('dd').first();
		const before = Number.parseInt(await update.innerText(), 10);
		await page.getByRole('button', { name: 'Step once' }).click();
		await expect(update).toContainText(new RegExp(`^${before + 1}\\b`));
		await page.getByRole('button', { name: 'Stop' }).click();
		await expect(status).toContainText(`Stopped after ${before + 1} of 400`);
		await page.reload();
		await page.getByRole('button', { name: /^Resume run/ }).click();
		await expect
			.poll(async () => Number.parseInt(await update.innerText(), 10))
			.toBeGreaterThan(before + 1);
		await page.getByRole('button', { name: 'Stop' }).click();
		await expect(page.getByRole('button', { name: 'Resume training' })).toBeVisible();
	});

	test('what a run needs is not deleted; a deleted run is gone', async ({ page }) => {
		await prepareSmallRun(page, 'wasm', { steps: 2 });
		await page.getByRole('button', { name: 'Start training' }).click();
		await waitUntilFinished(page);
		const remove = async (name: RegExp) => {
			await page.getByRole('button', { name }).click();
			await page.getByRole('button', { name: 'Delete for good' }).click();
		};
		await remove(/^Delete model/);
		await expect(page.locator('#library').getByRole('alert')).toBeVisible();
		await expect(page.getByRole('button', { name: /^Delete model/ })).toHaveCount(1);
		await remove(/^Delete run/);
		await expect(page.locator('#library')).toContainText('No runs yet');
		await remove(/^Delete model/);
		await expect(page.locator('#library')).toContainText('No models yet');
	});

	/** Walks with Tab until the element has the focus, as a keyboard user would. */
	async function walkTo(page: Page, target: Locator): Promise<void> {
		for (let presses = 0; presses < 150; presses++) {
			if (await target.evaluate((element) => element === document.activeElement)) return;
			await page.keyboard.press('Tab');
		}
		throw new Error(`Tab never reached ${target.toString()}`);
	}

	async function pickByKeyboard(page: Page, button: string, path: string): Promise<void> {
		await walkTo(page, page.getByRole('button', { name: button }));
		const chooser = page.waitForEvent('filechooser');
		await page.keyboard.press('Enter');
		await (await chooser).setFiles(path);
	}

	async function type(page: Page, id: string, value: string): Promise<void> {
		await walkTo(page, page.locator(`#${id}`));
		await page.keyboard.press('ControlOrMeta+a');
		await page.keyboard.type(value);
	}

	test('the keyboard alone is enough', async ({ page }) => {
		await openLab(page, 'wasm');
		await pickByKeyboard(page, 'Choose a folder', storiesModel);
		await expect(page.locator('#model')).toContainText(/On the device\s*yes/);
		await pickByKeyboard(page, 'Choose a file', javanesePairs);
		await walkTo(page, page.getByRole('button', { name: 'Import dataset' }));
		await page.keyboard.press('Enter');
		await expect(page.getByRole('region', { name: 'Rendered row' })).toContainText('### Response');

		await walkTo(page, page.getByText('Rows, sequences and the held-out part'));
		await page.keyboard.press('Enter');
		for (const [id, value] of [
			['rows-to', '20'],
			['row-tokens', '63'],
			['sequence-length', '64'],
		] as const)
			await type(page, id, value);
		await walkTo(page, page.getByRole('radio', { name: 'CogSym' }));
		await page.keyboard.press('ArrowLeft');
		await expect(page.getByRole('radio', { name: 'Rear' })).toBeChecked();
		const strip = page.getByRole('toolbar', { name: /Layers/ });
		await walkTo(page, strip.locator('button[tabindex="0"]'));
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('Space');
		await expect(page.getByRole('radio', { name: 'Painted' })).toBeChecked();
		for (const [id, value] of [
			['steps', '2'],
			['batch-size', '1'],
		] as const)
			await type(page, id, value);
		await walkTo(page, page.getByRole('button', { name: 'Start training' }));
		await page.keyboard.press('Enter');
		await waitUntilFinished(page);
	});
});
