/** Whatever a user brings along: the message names what is wrong, the page goes on, nothing stored is lost. */
import { writeFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { modelFaults, writeFaultyModel } from './fixtures/badModels.ts';
import {
	chooseFile,
	chooseFolder,
	fill,
	importDataset,
	importModel,
	importPairs,
	openLab,
	unfold,
} from './fixtures/page.ts';
import { hasShared, shared } from './fixtures/shared.ts';

test.skip(!hasShared, 'needs the reference material in ../shared');

const storedModels = (page: Page) => page.getByRole('group', { name: 'Stored models' });
const storedDatasets = (page: Page) => page.getByRole('group', { name: 'Stored datasets' });

test('broken models are refused by name and leave the stored one alone', async ({ page }) => {
	await openLab(page, 'wasm');
	await importModel(page);
	for (const fault of modelFaults)
		await test.step(fault.name, async () => {
			await chooseFolder(page, writeFaultyModel(test.info().outputPath(fault.name), fault));
			const alert = page.locator('#model').getByRole('alert');
			for (const name of fault.names) await expect(alert).toContainText(name);
			await expect(storedModels(page).getByRole('radio')).toHaveCount(1);
			await alert.getByRole('button', { name: /Dismiss/ }).click();
			await expect(alert).toHaveCount(0);
		});
	await page.reload();
	await expect(storedModels(page).getByRole('radio')).toHaveCount(1);
	await expect(page.locator('#model')).toContainText(/On the device\s*yes/);
	await importPairs(page);

	await test.step('of files that disagree the panel says which counts', async () => {
		await chooseFolder(page, shared('cases/models/m-merged'));
		const panel = page.locator('#model');
		const notes = panel.getByRole('region', { name: 'What its files say differently' });
		await expect(notes.getByRole('listitem')).toHaveText([/a head of its own, which is used/]);
		await expect(panel.getByRole('checkbox')).toHaveCount(0);
		await panel.getByRole('radio', { name: /stories260K/ }).check();
		await expect(panel.getByRole('checkbox')).toHaveCount(1);
		await expect(notes).toHaveCount(0);
	});
});

const dataFaults = [
	{ name: 'empty.json', content: '', says: /empty\.json/ },
	{ name: 'none.json', content: '[]', says: /none\.json/ },
	{ name: 'malformed.json', content: '[{"instruction": "a"', says: /malformed\.json/ },
	{ name: 'numbers.json', content: '[1, 2, 3]', says: /numbers\.json/ },
];

test('broken data files are refused by name and leave the stored dataset alone', async ({
	page,
}) => {
	await openLab(page, 'wasm');
	await importModel(page);
	await importPairs(page);
	for (const { name, content, says } of dataFaults)
		await test.step(name, async () => {
			const path = test.info().outputPath(name);
			writeFileSync(path, content);
			await chooseFile(page, path);
			const alert = page.locator('#language').getByRole('alert');
			await expect(alert).toContainText(says);
			await expect(storedDatasets(page).getByRole('radio')).toHaveCount(1);
			await alert.getByRole('button', { name: /Dismiss/ }).click();
		});
	await page.getByRole('button', { name: 'Next row' }).click();
	await expect(page.getByText(/^Row 2 of [\d,]+ as the model sees it/)).toBeVisible();
});

test('a refusal is told once, and no longer than it is true', async ({ page }) => {
	await openLab(page, 'wasm');
	await importModel(page);
	const write = (name: string, rows: unknown) => {
		const path = test.info().outputPath(name);
		writeFileSync(path, JSON.stringify(rows));
		return path;
	};
	const language = page.locator('#language');
	const refusal = /row 1, column "output": a list of 2/;
	await chooseFile(page, write('list.json', [{ instruction: 'a', output: ['b', 'c'] }]));
	await expect(language).toContainText('holds 1 row.');
	await expect(language.getByText(refusal)).toHaveCount(1);
	await page.getByRole('button', { name: 'Import dataset' }).click();
	await expect(language.getByRole('alert')).toContainText(refusal);
	await expect(language.getByText(refusal)).toHaveCount(1);
	await page.getByRole('button', { name: 'Cancel import' }).click();
	await expect(language.getByRole('alert')).toHaveCount(0);

	await importDataset(page, write('pairs.json', [{ instruction: 'a', output: 'b' }]));
	const messages = [
		{ role: 'user', content: 'a' },
		{ role: 'assistant', content: 'b' },
	];
	await chooseFile(page, write('chats.json', [{ messages }]));
	await page.getByRole('button', { name: 'Import dataset' }).click();
	await expect(language.getByRole('alert')).toContainText('no chat template');
	await storedDatasets(page).getByRole('radio', { name: /pairs/ }).check();
	await expect(language.getByRole('alert')).toHaveCount(0);
});

/** Short rows and a long one; `longRow` counts from 1, as people do. */
function writeRows(path: string, longRow: number): void {
	const rows = Array.from({ length: 80 }, (_, index) => ({
		instruction: `Question ${index + 1}?`,
		output: index + 1 === longRow ? 'word '.repeat(2000) : `Answer ${index + 1}.`,
	}));
	writeFileSync(path, JSON.stringify(rows));
}

test('a row or a sequence past the context is named before anything runs', async ({ page }) => {
	await openLab(page, 'wasm');
	await importModel(page);
	const path = test.info().outputPath('long.json');
	writeRows(path, 23);
	await importDataset(page, path);
	await unfold(page);
	const alert = page.locator('#train').getByRole('alert');
	const start = page.getByRole('button', { name: 'Start training' });

	await page.getByLabel('Packing').selectOption('rows');
	await fill(page, { 'held-out-rows': 20, 'row-tokens': 5000, 'sequence-length': 512 });
	await start.click();
	await expect(alert).toContainText(/"long", row 23: \d+ tokens/);
	await expect(alert).toContainText('512');

	await fill(page, { 'sequence-length': 600 });
	await start.click();
	await expect(alert).toContainText('600');
	await expect(alert).toContainText('context');

	await page.getByLabel('Packing').selectOption('stream');
	await fill(page, {
		'row-tokens': 200,
		'sequence-length': 64,
		'rows-to': 40,
		steps: 2,
		'batch-size': 1,
		accumulation: 1,
	});
	await start.click();
	await expect(page.getByRole('button', { name: 'Finished' })).toBeVisible();
	await expect(alert).toHaveCount(0);
});

test('columns that nobody can tell are asked for, not guessed', async ({ page }) => {
	const path = test.info().outputPath('odd.csv');
	writeFileSync(path, 'alpha,beta\n1,x\n2,y\n');
	await openLab(page, 'wasm');
	await chooseFile(page, path);
	const store = page.getByRole('button', { name: 'Import dataset' });
	await expect(page.locator('#language')).toContainText('cannot tell which columns');
	await expect(store).toBeDisabled();
	await page.getByLabel('Text', { exact: true }).selectOption('beta');
	await store.click();
	await expect(page.getByRole('region', { name: 'Rendered row' })).toHaveText('x');
});
