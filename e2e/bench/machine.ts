/** Where a measurement was taken: written beside its numbers. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';

export interface Machine {
	/** Model and number of hardware threads. */
	readonly cpu: string;
	readonly versions: Readonly<Record<string, string>>;
	/** Load averages over 1, 5 and 15 minutes at the end of the run: what else the machine was doing shows here. */
	readonly load: readonly number[];
}

const PACKAGES = ['@tensorflow/tfjs-core', '@jax-js/jax', 'playwright', 'webgpu'];

async function packageVersion(name: string): Promise<string> {
	const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
	const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
	return version;
}

/** @param chromium its version; null where none ran */
export async function machine(chromium: string | null): Promise<Machine> {
	const versions: Record<string, string> = { node: process.versions.node };
	if (chromium !== null) versions.chromium = chromium;
	for (const name of PACKAGES) versions[name] = await packageVersion(name);
	const all = cpus();
	return { cpu: `${all[0]?.model ?? 'unknown'} x ${all.length}`, versions, load: loadavg() };
}
