import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './e2e/chromium.ts';
import { documentHeaders } from './src/headless/documentHeaders.ts';
import { isolationHeaders, securityHeaders } from './src/headless/securityHeaders.mjs';
import { assemblyScript } from './src/engine/wasm/build/plugin.ts';
import { tfjsOneThread } from './src/engine/wasm/build/tfjsOneThread.ts';

/** Without remarks on slow plugins: on a busy machine every plugin is slow. */
const rolldownOptions = { checks: { bundlerTimings: false } };

export default defineConfig({
	plugins: [svelte({ configFile: false }), assemblyScript(), tfjsOneThread(), documentHeaders()],
	worker: { format: 'es', plugins: () => [assemblyScript(), tfjsOneThread()], rolldownOptions },
	build: {
		target: 'es2023',
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 2000,
		rolldownOptions: {
			...rolldownOptions,
			input: { index: 'index.html', headers: 'workers/headers.service.ts' },
			// The service worker keeps one address over all builds: browsers look there for its next version.
			output: {
				entryFileNames: ({ name }) =>
					name === 'headers' ? 'headers.js' : 'assets/[name]-[hash].js',
			},
		},
	},
	server: { headers: isolationHeaders },
	preview: { headers: securityHeaders },
	// A dependency first optimized during a test run reloads the page and kills the run.
	optimizeDeps: {
		include: [
			'comlink',
			'idb',
			'valibot',
			'papaparse',
			'uplot',
			'@huggingface/tokenizers',
			'@tensorflow/tfjs-core',
			'@tensorflow/tfjs-backend-cpu',
			'@tensorflow/tfjs-backend-wasm',
			'@tensorflow/tfjs-backend-webgpu',
		],
	},
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					include: ['{src,workers}/**/*.test.ts'],
					exclude: ['src/engine/**/*.test.ts', '**/*.device.test.ts', '**/*.browser.test.ts'],
				},
			},
			{
				// Engine tests in Node: reference, wasm, and webgpu through Dawn where a Vulkan driver is found.
				extends: true,
				test: {
					name: 'kernels',
					include: ['src/engine/**/*.test.ts', 'src/**/*.device.test.ts'],
					exclude: ['**/*.browser.test.ts'],
					setupFiles: ['src/engine/kernels/dawn.setup.ts'],
					pool: 'forks',
					fileParallelism: false,
					testTimeout: 300_000,
					hookTimeout: 300_000,
				},
			},
			{
				// The same kernel tests in Chromium.
				extends: true,
				test: {
					name: 'chromium',
					include: ['src/engine/kernels/**/*.test.ts', 'src/**/*.browser.test.ts'],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({ launchOptions }),
						instances: [{ browser: 'chromium' }],
					},
				},
			},
		],
	},
});
