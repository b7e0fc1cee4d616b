/**
 * Vite plugin that turns `import('./assembly/kernels.ts?wasm=relaxed,shared')` into the compiled kernels.
 * The module's default export is the binary as base64: it loads the same way in the dev server, in a
 * production worker and in Node. Every variant is a chunk of its own; only the one needed is fetched.
 */
import { dirname } from 'node:path';
import type { Plugin } from 'vite';
import { compileKernels, readSources, type Sources } from './compile.ts';

const query = '?wasm=';

/** One compilation per source text and variant in this process: several Vite servers share it. */
const compiled = new Map<string, Promise<string>>();

async function compile(sources: Sources, variant: string): Promise<string> {
	const flags = variant.split(',');
	const binary = await compileKernels(sources, {
		relaxed: flags.includes('relaxed'),
		shared: flags.includes('shared'),
	});
	return Buffer.from(binary).toString('base64');
}

/** Compiles AssemblyScript kernels on import; recompiles when a source changes. */
export function assemblyScript(): Plugin {
	return {
		name: 'assemblyscript-kernels',
		enforce: 'pre',
		async resolveId(id, importer) {
			const [file, variant] = id.split(query);
			if (!file || variant === undefined) return null;
			const resolved = await this.resolve(file, importer, { skipSelf: true });
			return resolved === null ? null : `\0${resolved.id}${query}${variant}`;
		},
		async load(id) {
			const [file, variant] = id.split(query);
			if (!file?.startsWith('\0') || variant === undefined) return null;
			const folder = dirname(file.slice(1));
			const sources = await readSources(folder);
			for (const name of sources.keys()) this.addWatchFile(`${folder}/${name}`);
			const key = variant + JSON.stringify([...sources]);
			const binary = compiled.get(key) ?? compile(sources, variant);
			compiled.set(key, binary);
			return `export default ${JSON.stringify(await binary)};`;
		},
	};
}
