// Gives the kernel tests in Node a GPU where there can be one: Dawn (npm `webgpu`) on a Vulkan driver that runs on
// the CPU. Must run before tfjs is imported, which looks for navigator.gpu once. Where anything is missing,
// navigator.gpu stays undefined and the WebGPU tests are skipped, visibly.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';

const mesaFolder = '/usr/share/vulkan/icd.d';
const chromiumFolder = '/usr/lib/chromium';

/** lavapipe before Mesa 25 lacks what Dawn needs; its version stands in the name of its LLVM-built library only. */
const mesaIsRecent = (): boolean => {
	const folder = '/usr/share/doc/mesa-vulkan-drivers';
	const libraries = '/usr/lib/x86_64-linux-gnu';
	if (!existsSync(folder) || !existsSync(libraries)) return false;
	return readdirSync(libraries).some((name) => {
		const version = /^libgallium-(\d+)\./.exec(name)?.[1];
		return version !== undefined && Number(version) >= 25;
	});
};

const findDriver = (): string | undefined => {
	const lavapipe = existsSync(mesaFolder)
		? readdirSync(mesaFolder).find((name) => /^lvp_icd.*\.json$/.test(name))
		: undefined;
	if (lavapipe !== undefined && mesaIsRecent()) return join(mesaFolder, lavapipe);
	const swiftShader = join(chromiumFolder, 'vk_swiftshader_icd.json');
	return existsSync(swiftShader) ? swiftShader : undefined;
};

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
	const driver = process.env.VK_ICD_FILENAMES ?? findDriver();
	if (driver === undefined) return;
	process.env.VK_ICD_FILENAMES = driver;
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
