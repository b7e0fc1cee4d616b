// Gives the kernel tests in Node a GPU where there can be one: Dawn (npm `webgpu`) on a Vulkan driver that runs on
// the CPU. Must run before tfjs is imported, which looks for navigator.gpu once. Where anything is missing,
// navigator.gpu stays undefined and the WebGPU tests are skipped, visibly.
import { existsSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';
import { chromiumFolder, lavapipe, swiftShader } from './vulkanDrivers.ts';

/** Loads Chromium's Vulkan loader for good where the system has none, so that Dawn finds it by name. */
const loadVulkan = () => {
	const loader = join(chromiumFolder, 'libvulkan.so.1');
	if (!existsSync(loader)) return;
	const stayLoaded = 0x1000; // RTLD_NODELETE
	const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
	try {
		process.dlopen({ exports: {} }, loader, RTLD_NOW | RTLD_GLOBAL | stayLoaded);
	} catch {
		// It is no Node addon, says Node, and closes it; the flag keeps it loaded, which is all we want.
	}
};

const install = async () => {
	// The first is the one asked for where a test does not name another.
	const found = [swiftShader(), lavapipe()].filter((path) => path !== undefined);
	const drivers = process.env.VK_ICD_FILENAMES ?? found.join(':');
	if (drivers === '') return;
	process.env.VK_ICD_FILENAMES = drivers;
	loadVulkan();
	const { create, globals } = await import('webgpu');
	Object.assign(globalThis, globals);
	const gpu = create(['backend=vulkan']);
	if (!(await gpu.requestAdapter())) return;
	const existing = (globalThis as { navigator?: Navigator }).navigator;
	// Node 20 has no navigator; tfjs asks it for the browser's name, the wasm backend for the number of cores.
	const navigator = existing ?? {
		userAgent: 'node',
		hardwareConcurrency: availableParallelism(),
	};
	Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
	if (!existing) {
		Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
	}
};

if (typeof process !== 'undefined') await install().catch(() => undefined);
