/** The folder of the GPU bench: bundle, scripts and a Vulkan loader; Node and Dawn are packed into it or linked. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { bundleGpuBench } from './benchBundle.mjs';
import { projectRoot } from './install.mjs';

const scripts = ['run.sh', 'torchStep.py'];

const loaderFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/lib/chromium'];

/** Node and Dawn as they are installed here. */
const installed = {
	node: process.execPath,
	'dawn.node': join(projectRoot, 'node_modules/webgpu/dist/linux-x64/dawn.node'),
};

/** Throws where what is installed here would not run on another x86-64 Linux machine. */
export function requirePackable({ platform, arch, sharedNode }) {
	if (platform !== 'linux' || arch !== 'x64')
		throw new Error(`The GPU bench runs on x86-64 Linux; this is ${platform} ${arch}`);
	if (sharedNode)
		throw new Error(
			`${process.execPath} is the small half of a Node split in two (libnode.so); use Node as nodejs.org ships it`,
		);
}

/** Fills a folder, emptied first, with all but Node and Dawn. Without a Vulkan loader here, there is none in it. */
export async function fillBenchFolder(folder) {
	await bundleGpuBench(folder);
	for (const script of scripts)
		await copyFile(join(projectRoot, 'e2e/bench/gpu', script), join(folder, script));
	const loaders = loaderFolders.map((place) => join(place, 'libvulkan.so.1'));
	const loader = loaders.find((path) => existsSync(path));
	if (loader) await copyFile(loader, join(folder, 'libvulkan.so.1'));
}

/** Puts Node and Dawn where `run.sh` would unpack them: for a folder that is run where it was made. */
export async function linkBinaries(folder) {
	await mkdir(join(folder, 'unpacked'), { recursive: true });
	for (const [name, path] of Object.entries(installed))
		await symlink(path, join(folder, 'unpacked', name));
}

/** Bytes of a pack at most. */
const mostBytes = 60e6;

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Throws where the folder may hold what is not ours: packing empties it. */
async function requireOwn(folder) {
	if (!existsSync(folder)) return;
	const names = await readdir(folder);
	if (names.length > 0 && !names.includes('run.sh'))
		throw new Error(`${folder} is not empty and no pack of the bench; name another with --out`);
}

/** Every file of a pack with its bytes, the largest first; what a run of it unpacked there is none of it. */
async function listPack(folder) {
	const names = (await readdir(folder)).filter((name) => name !== 'unpacked');
	const sizes = names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size }));
	return (await Promise.all(sizes)).sort((a, b) => b.bytes - a.bytes);
}

/** Throws, naming what is large, where the files are more than `most` bytes; returns their sum. */
export function requireSize(files, most = mostBytes) {
	const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	if (total <= most) return total;
	const largest = files.slice(0, 3).map(({ name, bytes }) => `${name} ${megabytes(bytes)}`);
	throw new Error(
		`The pack would have ${megabytes(total)}, ${megabytes(most)} are allowed; the largest: ${largest.join(', ')}`,
	);
}

/** Writes `NAME.gz` of each program, a path by its name, to the folder. */
async function compressInto(folder, programs) {
	for (const [name, path] of Object.entries(programs))
		await pipeline(
			createReadStream(path),
			createGzip({ level: constants.Z_BEST_COMPRESSION }),
			createWriteStream(join(folder, `${name}.gz`)),
		);
}

/**
 * Fills the folder, Node and Dawn compressed (`programs`: their paths by name); where it became too large, removes it
 * and throws. Returns its files, the largest first, and their bytes.
 */
export async function pack(folder, programs = installed, most = mostBytes) {
	await requireOwn(folder);
	await fillBenchFolder(folder);
	await compressInto(folder, programs);
	const files = await listPack(folder);
	try {
		return { files, total: requireSize(files, most) };
	} catch (error) {
		await rm(folder, { recursive: true });
		throw error;
	}
}
