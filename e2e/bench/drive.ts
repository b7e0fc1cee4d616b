/** Runs functions of the bench page in Chromium. The page has a Vite server of its own: the product holds no peer. */
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { createServer } from 'vite';
import { assemblyScript } from '../../src/engine/wasm/build/plugin.ts';
import { tfjsOneThread } from '../../src/engine/wasm/build/tfjsOneThread.ts';
import { launchOptions } from '../chromium.ts';
import type { BenchApi } from './page/api.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BenchBrowser {
	/** Of Chromium. */
	readonly version: string;
	/** A page of its own, in the same browser. */
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

function startServer() {
	const plugins = () => [assemblyScript(), tfjsOneThread()];
	return createServer({
		configFile: false,
		root,
		cacheDir: 'node_modules/.vite-bench',
		logLevel: 'error',
		plugins: plugins(),
		worker: { format: 'es', plugins },
		server: {
			host: '127.0.0.1',
			port: 0,
			hmr: false,
			watch: null,
			// Without isolation there is no shared memory, and wasm has one thread.
			headers: {
				'Cross-Origin-Opener-Policy': 'same-origin',
				'Cross-Origin-Embedder-Policy': 'require-corp',
			},
		},
		optimizeDeps: {
			// Found late, a dependency would reload the page in the middle of a measurement.
			noDiscovery: true,
			include: [
				'@huggingface/tokenizers',
				'comlink',
				'valibot',
				'@tensorflow/tfjs-core',
				'@tensorflow/tfjs-core/dist/register_all_gradients',
				'@tensorflow/tfjs-backend-cpu',
				'@tensorflow/tfjs-backend-wasm',
				'@tensorflow/tfjs-backend-webgpu',
			],
		},
	});
}

/** Starts the server and headless Chromium on the adapter the tests use (LAB_GPU=1: the machine's own). */
export async function openBrowser(): Promise<BenchBrowser> {
	const server = await (await startServer()).listen();
	const [url] = server.resolvedUrls?.local ?? [];
	if (!url) throw new Error('the bench server has no address');
	// A tape step takes longer on an emulated adapter than the watchdog lets the GPU process be busy.
	const args = [...launchOptions.args, '--disable-gpu-watchdog'];
	const browser = await chromium.launch({ ...launchOptions, args });
	return {
		version: browser.version(),
		async newPage() {
			const page = await browser.newPage();
			page.on('pageerror', (error) => {
				console.error(`bench page: ${error.message}`);
			});
			await page.goto(new URL('e2e/bench/page/index.html', url).href);
			await page.waitForFunction(() => window.bench !== undefined);
			return page;
		},
		async close() {
			await browser.close();
			await server.close();
		},
	};
}

/** Calls a function of the page; arguments and result travel as JSON. */
export async function runInPage<Name extends keyof BenchApi>(
	page: Page,
	name: Name,
	...args: Parameters<BenchApi[Name]>
): Promise<Awaited<ReturnType<BenchApi[Name]>>> {
	return (await page.evaluate(
		([key, values]) => {
			const bench = window.bench as unknown as Record<string, (...given: unknown[]) => unknown>;
			const call = bench[key];
			if (!call) throw new Error(`the bench page has no function ${key}`);
			return call(...values);
		},
		[name, args] as [string, unknown[]],
	)) as Awaited<ReturnType<BenchApi[Name]>>;
}
