/** A run that the device has no room for is refused beforehand with what fits; what it will take is timed on request. */
import { expect, test } from '@playwright/test';
import { prepareSmallRun } from './fixtures/page.ts';
import { hasShared } from './fixtures/shared.ts';

test.skip(!hasShared, 'needs the reference material in ../shared');

test('a run too large for the device is refused, made to fit by one press, and timed', async ({
	page,
}) => {
	await prepareSmallRun(page, 'wasm', { steps: 10 });
	const cost = page.getByRole('group', { name: 'Cost of the run' });
	const time = cost.getByRole('button', { name: 'Time three updates' });
	await expect(time).toBeEnabled();

	const memory = cost.getByLabel('Memory of the device, GB');
	await memory.fill('0.003');
	await memory.blur();
	const refusal = cost.getByRole('alert', { name: 'Memory' });
	await expect(refusal).toContainText('nothing was allocated');
	await expect(time).toBeDisabled();
	const smaller = refusal.getByRole('button', { name: /^Take / }).first();
	await smaller.focus();
	await page.keyboard.press('Enter');
	await expect(refusal).toHaveCount(0);

	await time.click();
	const said = cost.getByRole('status', { name: 'Time of the run' });
	await expect(said).toContainText(/By three updates, [\d.e-]+ s each,\s+.+ in all/);
	// Nothing of it is kept.
	await expect(page.locator('#library')).not.toContainText('interrupted');
	await expect(page.getByRole('button', { name: 'Start training' })).toBeEnabled();
});
