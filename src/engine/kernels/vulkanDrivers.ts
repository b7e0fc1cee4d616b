// Vulkan drivers that run on the CPU: which are there.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const mesaFolder = '/usr/share/vulkan/icd.d';

/** Where Debian's Chromium keeps its libraries. */
export const chromiumFolder = '/usr/lib/chromium';

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

/** Mesa's: runs kernels several times faster, but takes minutes to compile long ones with barriers the first time. */
export const lavapipe = (): string | undefined => {
	if (!existsSync(mesaFolder) || !mesaIsRecent()) return undefined;
	const name = readdirSync(mesaFolder).find((file) => /^lvp_icd.*\.json$/.test(file));
	return name === undefined ? undefined : join(mesaFolder, name);
};

/** Chromium's. */
export const swiftShader = (): string | undefined => {
	const path = join(chromiumFolder, 'vk_swiftshader_icd.json');
	return existsSync(path) ? path : undefined;
};
