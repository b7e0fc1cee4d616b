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

/** Playwright launch options for the hardware adapter or for the software one. */
function optionsFor(hardware) {
	return {
		// The channel means Playwright's full Chromium: its headless shell has no WebGPU.
		...(executablePath ? { executablePath } : { channel: 'chromium' }),
		args: [
			'--no-sandbox',
			'--enable-unsafe-webgpu',
			'--disable-background-networking',
			'--disable-component-update',
			hardware ? '--enable-features=Vulkan' : '--use-webgpu-adapter=swiftshader',
		],
	};
}

/**
 * For tests and benches: WebGPU runs on the software adapter unless LAB_GPU=1 asks for the hardware, so that results
 * do not depend on the machine.
 */
export const launchOptions = optionsFor(process.env.LAB_GPU === '1');

/** For the command line: the hardware where there seems to be some, unless LAB_GPU says otherwise (1 or 0). */
export function deviceOptions() {
	const nodes = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];
	const present = process.platform !== 'linux' || nodes.some((path) => existsSync(path));
	return optionsFor(process.env.LAB_GPU ? process.env.LAB_GPU === '1' : present);
}
