/**
 * `npm run pictures [-- --out FOLDER] [--steps N]`: takes the pictures of README.md anew. Trains the demo in headless
 * Chromium on WASM and photographs what came out, then one run in the workshop. `--steps` shortens both, to try the script.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureChromium, ensureDependencies, projectRoot } from './install.mjs';
import { fail } from './run.mjs';

/** Bytes of a picture: a README is read over slow lines, too. */
const most = 120_000;

/** Milliseconds that the demo may take on a slow machine, and a run in the workshop. */
const patience = { demo: 1_800_000, run: 900_000 };

/** Pixels: as wide as a README is shown about one and a half times over, and higher than the page, so that nothing is stuck to a border. */
const view = { width: 1200, height: 6000 };

const start = (page) => page.getByRole('button', { name: /^Train it now/ });
const again = (page) => page.getByRole('button', { name: /^Train again/ });

async function trainDemo(page) {
	await page.getByLabel('Compute on').selectOption('wasm');
	await page.getByRole('status', { name: 'Device' }).getByText('WebAssembly').waitFor();
	await start(page).click();
	await again(page).waitFor({ timeout: patience.demo });
}

/** CogSym on the demo's model and texts, watched until the curve stands. */
async function trainInWorkshop(page, steps) {
	await page.getByRole('button', { name: 'Put them into the workshop' }).click();
	const button = page.getByRole('button', { name: 'Start training' });
	await button.waitFor({ timeout: patience.run });
	if (steps) {
		await page.locator('#steps').fill(steps);
		await page.locator('#steps').blur();
	}
	await button.click();
	await page.getByRole('button', { name: 'Finished' }).waitFor({ timeout: patience.run });
}

/** The smallest box around all of `parts`, and `margin` pixels below. */
async function around(parts, margin) {
	const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
	const x = Math.min(...boxes.map((box) => box.x));
	const y = Math.min(...boxes.map((box) => box.y));
	const right = Math.max(...boxes.map((box) => box.x + box.width));
	const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + margin;
	return { x, y, width: right - x, height: bottom - y };
}

/** WebP, which Playwright's own screenshots cannot be, as good as fits. */
async function photograph(page, parts, margin, file) {
	await page.evaluate(() => {
		document.activeElement?.blur();
		globalThis.scrollTo(0, 0);
	});
	const clip = { ...(await around(parts, margin)), scale: 1 };
	const browser = await page.context().newCDPSession(page);
	for (let quality = 90; quality >= 40; quality -= 10) {
		const { data } = await browser.send('Page.captureScreenshot', {
			format: 'webp',
			quality,
			clip,
			captureBeyondViewport: true,
		});
		const bytes = Buffer.from(data, 'base64');
		if (bytes.length > most) continue;
		writeFileSync(file, bytes);
		const kB = (bytes.length / 1000).toFixed(0);
		console.log(`${relative(process.cwd(), file)}: ${kB} kB, quality ${quality}`);
		return;
	}
	throw new Error(
		`${file} has more than ${most} bytes at any quality; photograph less of the page`,
	);
}

async function pictures() {
	const { values } = parseArgs({ options: { out: { type: 'string' }, steps: { type: 'string' } } });
	const out = values.out ? resolve(values.out) : join(projectRoot, 'e2e', 'pictures');
	await ensureDependencies();
	await ensureChromium();
	await ensureBuild();
	const { chromium } = await import('playwright');
	const { launchOptions } = await import('./chromium.mjs');
	const { startServer } = await import('./server.mjs');
	const server = await startServer();
	const browser = await chromium.launch(launchOptions);
	try {
		const page = await browser.newPage({
			viewport: view,
			deviceScaleFactor: 1.5,
			colorScheme: 'light',
			reducedMotion: 'reduce',
		});
		page.on('pageerror', (error) => console.error(`page: ${error.message}`));
		await page.goto(`${server.url}/${values.steps ? `?demo-steps=${values.steps}` : ''}`);
		mkdirSync(out, { recursive: true });
		console.error('Training the demo ...');
		await trainDemo(page);
		const card = page.locator('section[aria-labelledby=demo-result-title]');
		await photograph(page, [card], 0, join(out, 'result.webp'));
		console.error('Training in the workshop ...');
		await trainInWorkshop(page, values.steps);
		const [layers, train] = ['#layers', '#train .halves'].map((id) => page.locator(id));
		await photograph(page, [layers, train], 16, join(out, 'workshop.webp'));
	} finally {
		await browser.close();
		server.close();
	}
}

pictures().catch(fail);
