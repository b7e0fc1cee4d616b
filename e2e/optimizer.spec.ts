/** The choice of an optimizer with smaller states: offered beside its help, its memory shown before anything is trained. */
import { expect, type Page, test } from '@playwright/test';
import { importModel, openLab } from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

test.skip(!hasShared, 'needs the reference material in ../shared');

/** Kibibytes of the optimizer, as the cost of the run states them. */
async function optimizerKibibytes(page: Page): Promise<number> {
	const cost = page.getByRole('group', { name: 'Cost of the run' });
	const text = await cost.getByRole('listitem').filter({ hasText: 'optimizer' }).innerText();
	const [, amount, unit] = /optimizer\s+([\d.]+)\s*([KM]iB)/.exec(text) ?? [];
	expect(unit, text).toBeDefined();
	return Number(amount) * (unit === 'MiB' ? 1024 : 1);
}

test('AdamW in 8 bits and Muon take less memory', async ({ page }) => {
	await openLab(page, 'wasm');
	await importModel(page);
	const inFloats = await optimizerKibibytes(page);
	await page.getByText('More settings').click();
	const choice = page.getByLabel('Optimizer');
	await expect(choice).toHaveAccessibleDescription(/a quarter of its memory/);
	await choice.selectOption('adamw-8bit');
	// The embedding and small tensors keep theirs.
	await expect.poll(() => optimizerKibibytes(page)).toBeLessThan(0.7 * inFloats);
	expect(await optimizerKibibytes(page)).toBeGreaterThan(0.25 * inFloats);
	// One moment of matrices in place of two; its own settings are there while it is chosen.
	await choice.selectOption('muon');
	await expect.poll(() => optimizerKibibytes(page)).toBeLessThan(0.8 * inFloats);
	await page.getByLabel('Step of Muon').selectOption('match_rms_adamw');
	await choice.selectOption('adamw');
	await expect.poll(() => optimizerKibibytes(page)).toBe(inFloats);
	await expect(page.getByLabel('Step of Muon')).toHaveCount(0);
});
