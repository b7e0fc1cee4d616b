/** What a library survives: browsers killed at random moments, a profile used twice, cleared data, damaged bytes. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { openLab as openCommandLine } from '../src/headless/browser.mjs';
import { lab } from './fixtures/lab.ts';
import { trainRequest, updates } from './promises/activities.ts';
import { writeMaterial } from './promises/material.ts';
import { killAtMoments } from './promises/moments.ts';

/** `npm run promises` takes 200, and studies too. */
const kinds = ['import', 'training', 'checkpoint', 'deletion', 'export'] as const;

test('ten browsers killed at random moments lose nothing that was kept', async () => {
	const moments = await killAtMoments({ moments: 10, seed: Date.now() % 2 ** 31, kinds });
	for (const { kind, milliseconds, ended } of moments) {
		const description = `${milliseconds.toFixed(0)} ms${ended ? ', ended by then' : ''}`;
		test.info().annotations.push({ type: `killed in ${kind}`, description });
	}
	expect(moments.flatMap(({ faults }) => faults)).toEqual([]);
	expect(moments).toHaveLength(11);
});

test('a second command on a profile is refused in one sentence, and the first goes on', async () => {
	const profile = test.info().outputPath('profile');
	const first = await openCommandLine({ profile, onEvent: () => undefined });
	try {
		const args = ['--profile', profile, '--resume', 'any', '--backend', 'wasm'];
		const { code, stderr } = await lab('train', ...args);
		expect(code).not.toBe(0);
		expect(stderr).toContain(`The profile ${profile} is in use by another command or browser`);
		expect(stderr.length).toBeLessThan(400 + profile.length);
		expect(await first.call('library')).toMatchObject({ runs: [], lost: null });
	} finally {
		await first.close();
	}
});

test('site data that is cleared under a run is told, and the page goes on', async () => {
	const material = writeMaterial(test.info().outputPath('material'));
	const cleared: Promise<void>[] = [];
	const first = await openCommandLine({
		onEvent: (event) => {
			const begun = (event as { kind: string }).kind === 'checkpoint';
			if (begun && cleared.length === 0) cleared.push(clearData(first.page));
		},
	});
	try {
		await first.call('start', 'wasm');
		const request = trainRequest(first, material, true);
		await expect(first.call('train', request)).rejects.toThrow(/\w/);
		await Promise.all(cleared);
		expect(await first.call('lost')).toMatch(
			/The browser has lost this library\. On .* it held 1 model, 1 dataset,? and 1 run/,
		);
		// Imported anew, trained from the beginning.
		const again = trainRequest(first, material, true);
		expect(await first.call('train', again)).toMatchObject({ status: 'finished', steps: updates });
	} finally {
		await first.close();
	}
});

async function clearData(page: Page): Promise<void> {
	const client = await page.context().newCDPSession(page);
	const { origin } = new URL(page.url());
	await client.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
}

/** One bit of the largest stored value: of the weights of the model. */
function flipBit(): Promise<void> {
	return new Promise((resolve, reject) => {
		const opening = indexedDB.open('cogsym-lab');
		opening.onerror = () => {
			reject(new Error(String(opening.error)));
		};
		opening.onsuccess = () => {
			const transaction = opening.result.transaction('chunks', 'readwrite');
			const store = transaction.objectStore('chunks');
			let largest = 0;
			const walk = store.openCursor();
			walk.onsuccess = () => {
				const at = walk.result;
				largest = Math.max(largest, (at?.value as ArrayBuffer | undefined)?.byteLength ?? 0);
				at?.continue();
				if (at === null) spoil();
			};
			const spoil = () => {
				const again = store.openCursor();
				again.onsuccess = () => {
					const at = again.result;
					if (at === null) return;
					const bytes = new Uint8Array(at.value as ArrayBuffer);
					if (bytes.length === largest) {
						bytes[largest - 100] = (bytes[largest - 100] ?? 0) ^ 4;
						at.update(bytes.buffer);
					}
					at.continue();
				};
			};
			transaction.oncomplete = () => {
				opening.result.close();
				resolve();
			};
		};
	});
}

test('one flipped bit in a stored model ends an evaluation by name, and the run is mended by importing it', async () => {
	const profile = test.info().outputPath('flipped');
	const material = writeMaterial(test.info().outputPath('material'));
	const first = await openCommandLine({ profile, onEvent: () => undefined });
	await first.call('start', 'wasm');
	const { run } = (await first.call('train', trainRequest(first, material, false))) as {
		run: string;
	};
	await first.page.evaluate(flipBit);
	await first.close();

	const asked = ['evaluate', '--profile', profile, '--run', run, '--backend', 'wasm'];
	const texts = ['--texts', material.texts, '--columns', 'en', '--rows', '0:8'];
	const spoilt = await lab(...asked, ...texts);
	expect(spoilt.code).not.toBe(0);
	expect(spoilt.stderr).toMatch(
		/The stored model small is damaged: model\.safetensors, chunk [0-9a-f]+, has other bytes than were stored.*Import its folder again/s,
	);
	expect(spoilt.stdout).toBe('');

	const again = await openCommandLine({ profile, onEvent: () => undefined });
	await again.call('importModel', { name: 'small', files: again.share(material.model) });
	await again.close();
	const mended = await lab(...asked, ...texts);
	expect(mended.stderr).not.toContain('damaged');
	expect(mended.code).toBe(0);
});

test('a database whose log was damaged on the disk is there, or its loss is told', async () => {
	const profile = test.info().outputPath('damaged');
	const material = writeMaterial(test.info().outputPath('material'));
	const first = await openCommandLine({ profile, onEvent: () => undefined });
	await first.call('importModel', { name: 'small', files: first.share(material.model) });
	await first.close();

	const files = readdirSync(profile, { recursive: true, encoding: 'utf8' });
	const log = files.find((name) => /indexeddb\.leveldb.*\.log$/.test(name));
	expect(log).toBeDefined();
	const path = join(profile, log ?? '');
	const bytes = readFileSync(path);
	bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x40, bytes.length >> 1);
	writeFileSync(path, bytes);

	const again = await openCommandLine({ profile, onEvent: () => undefined });
	try {
		const { models, lost } = (await again.call('library')) as { models: unknown[]; lost: unknown };
		if (models.length === 0) expect(lost).toMatchObject({ models: 1 });
		else expect(lost).toBeNull();
		test.info().annotations.push({ type: 'lost', description: JSON.stringify(lost) });
	} finally {
		await again.close();
	}
});

test('the page says what was lost, until it is told that this was read', async ({ page }) => {
	const library = page.locator('#library');
	await page.goto('/');
	await expect(library).toContainText('No runs yet');
	// As if another database had been here, which held something.
	await page.evaluate(async () => {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle('storage', { create: true });
		const handle = await folder.getFileHandle('cogsym-lab.json', { create: true });
		const file = await handle.createWritable();
		const note = { id: 'another', models: 2, datasets: 1, runs: 3, seenAt: Date.now() };
		await file.write(JSON.stringify(note));
		await file.close();
	});
	await page.reload();
	const told = library.getByRole('alert');
	await expect(told).toContainText('it held 2 models, 1 dataset, and 3 runs');
	for (const width of [1280, 390]) {
		await page.setViewportSize({ width, height: 800 });
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
		await told.scrollIntoViewIfNeeded();
		await library.screenshot({ path: test.info().outputPath(`lost-${width}.png`) });
	}
	await page.reload();
	await expect(told).toBeVisible();
	await told.getByRole('button', { name: /Dismiss/ }).press('Enter');
	await expect(told).toHaveCount(0);
	await page.reload();
	await expect(library).toContainText('No runs yet');
	await expect(told).toHaveCount(0);
});
