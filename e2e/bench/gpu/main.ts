/**
 * The GPU bench in plain Node with Dawn, one file that needs nothing installed:
 * `node main.mjs --dawn FILE [kernels] [steps] [--json FILE] [--only TEXT] [--all]`; both parts where none is named.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Dawn {
	readonly create: (options: string[]) => GPU;
	readonly globals: Record<string, unknown>;
}

/** Must run before tfjs is imported, which looks for navigator.gpu once. */
async function installGpu(file: string): Promise<GPUAdapterInfo> {
	const { create, globals } = createRequire(import.meta.url)(resolve(file)) as Dawn;
	Object.assign(globalThis, globals);
	const gpu = create(['backend=vulkan']);
	const navigator = { userAgent: 'node', hardwareConcurrency: availableParallelism(), gpu };
	Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
	const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter)
		throw new Error(
			'Vulkan offers no adapter: set VK_DRIVER_FILES to the driver’s JSON file, e.g. /usr/share/vulkan/icd.d/nvidia_icd.json',
		);
	return adapter.info;
}

async function main() {
	const options = {
		dawn: { type: 'string' },
		json: { type: 'string' },
		only: { type: 'string', default: '' },
		all: { type: 'boolean', default: false },
	} as const;
	const { values, positionals } = parseArgs({ options, allowPositionals: true });
	const { dawn, json, only, all } = values;
	if (dawn === undefined) throw new Error('--dawn FILE is missing: the path of dawn.node');
	const unknown = positionals.find((part) => part !== 'kernels' && part !== 'steps');
	if (unknown !== undefined)
		throw new Error(`The bench has no part ${unknown}; it has kernels and steps`);
	const takes = (part: string) => positionals.length === 0 || positionals.includes(part);
	const info = await installGpu(dawn);
	const { version_core } = await import('@tensorflow/tfjs-core');
	const { measureKernels } = await import('./kernels.ts');
	const { measureSteps } = await import('./steps.ts');
	const { kernelTable, stepTable } = await import('./tables.ts');
	const wanted = (name: string) => name.includes(only);
	const report = (line: string) => {
		console.error(line);
	};
	const adapter = [info.vendor, info.architecture, info.device, info.description]
		.filter(Boolean)
		.join(' ');
	report(adapter);
	const software = info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(adapter);
	const about = {
		adapter,
		software,
		cpu: `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`,
		versions: { node: process.versions.node, '@tensorflow/tfjs-core': version_core },
	};
	const write = async (measured: object) => {
		const result = { ...about, load: loadavg(), ...measured };
		if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
	};
	const kernels = takes('kernels') ? await measureKernels(wanted, all, report, write) : null;
	const steps = takes('steps') ? await measureSteps(wanted, software, all, report) : null;
	await write({ ...kernels, ...(steps && { steps }) });
	console.log(
		[adapter, kernels && kernelTable(kernels), steps && stepTable(steps)]
			.filter((part) => part !== null)
			.join('\n\n'),
	);
}

main().then(
	// Dawn keeps the event loop alive.
	() => process.exit(0),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
