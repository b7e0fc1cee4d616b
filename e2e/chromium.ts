import { existsSync } from 'node:fs';

const systemChromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** How tests, benches and the command line start Chromium: the software adapter unless LAB_GPU=1. */
export const launchOptions = {
	executablePath: process.env.CHROMIUM ?? systemChromium.find((path) => existsSync(path)),
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
