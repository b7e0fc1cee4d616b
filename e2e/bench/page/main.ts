/** The page of the engine bench: starts the worker that holds the contestant and lets the driver reach it. */
import { wrap } from 'comlink';
import type { BenchApi } from './api.ts';

declare global {
	interface Window {
		bench?: BenchApi;
	}
}

const worker = new Worker(new URL('./host.ts', import.meta.url), { type: 'module' });
const failed = new Promise<never>((_, reject) => {
	worker.addEventListener('error', (event) => {
		reject(new Error(`the bench worker failed: ${event.message}`));
	});
});
const host = wrap<BenchApi>(worker);

// Plain functions: the driver's evaluate cannot serialise a proxy.
window.bench = {
	open: (entry) => Promise.race([host.open(entry), failed]),
	steps: (first, count) => Promise.race([host.steps(first, count), failed]),
	peakBytes: () => Promise.race([host.peakBytes(), failed]),
	runs: (job) => Promise.race([host.runs(job), failed]),
	score: (job) => Promise.race([host.score(job), failed]),
	close: () => Promise.race([host.close(), failed]),
};
