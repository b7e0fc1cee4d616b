/** Bundles the GPU bench for plain Node: one folder of JavaScript, everything but Dawn's binary in it. */
import { join } from 'node:path';
import { projectRoot } from './install.mjs';
import { withTypeScript } from './typescript.mjs';

/** Writes `main.mjs` and its chunks to `folder`. */
export async function bundleGpuBench(folder) {
	const { build } = await import('vite');
	await withTypeScript(async (load) => {
		const { assemblyScript } = await load('/src/engine/wasm/build/plugin.ts');
		const { tfjsWasmThreads } = await load('/src/engine/wasm/build/tfjsThreads.ts');
		await build({
			configFile: false,
			root: projectRoot,
			logLevel: 'error',
			publicDir: false,
			plugins: [assemblyScript(), tfjsWasmThreads()],
			ssr: { noExternal: true },
			build: {
				ssr: 'e2e/bench/gpu/main.ts',
				outDir: folder,
				emptyOutDir: true,
				target: 'node20',
				rolldownOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' } },
			},
		});
	});
}

/** Dawn's binary for this machine. */
export const dawnFile = join(
	projectRoot,
	'node_modules/webgpu/dist',
	`${process.platform}-${process.arch}`,
	'dawn.node',
);
