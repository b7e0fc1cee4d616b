/** End-to-end tests: the built page in Chromium, one after another (the device is one, too). */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './chromium.ts';

/** Another one lets two checkouts be tested side by side. */
const port = Number(process.env.E2E_PORT ?? 4319);

export default defineConfig({
	testDir: '.',
	outputDir: '../test-results',
	workers: 1,
	fullyParallel: false,
	forbidOnly: true,
	timeout: 300_000,
	expect: { timeout: 60_000 },
	webServer: {
		command: `node src/headless/start.mjs --port ${port}`,
		cwd: '..',
		port,
		timeout: 120_000,
		reuseExistingServer: false,
	},
	use: {
		baseURL: `http://localhost:${port}`,
		launchOptions,
		trace: 'retain-on-failure',
	},
});
