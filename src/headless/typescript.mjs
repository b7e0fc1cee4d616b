/** Runs the project's TypeScript in Node: Vite turns modules into JavaScript as they are loaded. */
import { projectRoot } from './install.mjs';

/** `work(load)`, where `load('/src/...ts')` gives a module's exports. */
export async function withTypeScript(work) {
	// Not at the top: commands that need no TypeScript start without it.
	const { createServer } = await import('vite');
	const server = await createServer({
		configFile: false,
		root: projectRoot,
		appType: 'custom',
		logLevel: 'error',
		server: { middlewareMode: true, hmr: false, ws: false, watch: null },
		optimizeDeps: { noDiscovery: true },
	});
	try {
		return await work((path) => server.ssrLoadModule(path));
	} finally {
		await server.close();
	}
}
