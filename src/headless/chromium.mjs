/** How tests, benches and the command line find and start Chromium. Needs nothing installed. */
import { existsSync } from 'node:fs';

const systemChromium = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of $CHROMIUM or of the system's Chromium; undefined: only Playwright's own can be there. */
export function findChromium() {
	return process.env.CHROMIUM ?? systemChromium.find((path) => existsSync(path));
}

const executablePath = findChromium();

/**
 * Playwright launch options. WebGPU runs on the software adapter unless LAB_GPU=1 asks for the hardware, so that results
 * do not depend on the machine.
 */
export const launchOptions = {
	// The channel means Playwright's full Chromium: its headless shell has no WebGPU.
	...(executablePath ? { executablePath } : { channel: 'chromium' }),
	args: [
		'--no-sandbox',
		'--enable-unsafe-webgpu',
		'--disable-background-networking',
		'--disable-component-update',
		...(process.env.LAB_GPU === '1'
			? ['--enable-features=Vulkan']
			: ['--use-webgpu-adapter=swiftshader']),
	],
};
