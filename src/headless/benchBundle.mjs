/** Bundles the GPU bench for plain Node: one folder of JavaScript, everything but Dawn's binary in it. */
import { isBuiltin } from 'node:module';
import { projectRoot } from './install.mjs';
import { withTypeScript } from './typescript.mjs';

/** Throws where a chunk imports what neither Node nor the folder has: there is no node_modules beside it. */
function requireSelfContained(chunks) {
	const own = new Set(chunks.map(({ fileName }) => fileName));
	for (const { fileName, imports = [], dynamicImports = [] } of chunks)
		for (const name of [...imports, ...dynamicImports])
			if (!own.has(name) && !isBuiltin(name))
				throw new Error(`${fileName} of the bundled bench imports ${name}, which is not in it`);
}

/** Writes `main.mjs` and its chunks to `folder`, which is emptied first. */
export async function bundleGpuBench(folder) {
	const { build } = await import('vite');
	await withTypeScript(async (load) => {
		const { assemblyScript } = await load('/src/engine/wasm/build/plugin.ts');
		const { tfjsOneThread } = await load('/src/engine/wasm/build/tfjsOneThread.ts');
		const { output } = await build({
			configFile: false,
			root: projectRoot,
			logLevel: 'error',
			publicDir: false,
			plugins: [assemblyScript(), tfjsOneThread()],
			ssr: { noExternal: true },
			build: {
				ssr: 'e2e/bench/gpu/main.ts',
				outDir: folder,
				emptyOutDir: true,
				target: 'node20',
				rolldownOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' } },
			},
		});
		requireSelfContained(output);
	});
}
