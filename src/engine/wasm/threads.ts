/** Starts the helper workers that share the heap. */

/** What a helper is told. */
export interface HelperStart {
	readonly module: WebAssembly.Module;
	readonly memory: WebAssembly.Memory;
	readonly controlBlock: number;
	readonly thread: number;
}

/** A browser that has not started a worker by then will hardly do so: go on without it. */
const patience = 10_000;

/** More threads than this gain little on matrices of the sizes trained here. */
const mostThreads = 8;

/** Threads worth starting in this browser, this one included. */
export function defaultThreads(): number {
	return typeof Worker === 'undefined'
		? 1
		: Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency));
}

function ready(worker: Worker): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => {
			resolve(false);
		}, patience);
		const settle = (started: boolean) => () => {
			clearTimeout(timer);
			resolve(started);
		};
		worker.addEventListener('message', settle(true), { once: true });
		worker.addEventListener('error', settle(false), { once: true });
	});
}

/** Starts `count` helpers with threads 1, 2, ...; returns those that came up (all or none). */
export async function startHelpers(
	count: number,
	start: Omit<HelperStart, 'thread'>,
): Promise<Worker[]> {
	const helpers = Array.from({ length: count }, (_, index) => {
		const worker = new Worker(new URL('./helper.ts', import.meta.url), { type: 'module' });
		worker.postMessage({ ...start, thread: index + 1 } satisfies HelperStart);
		return worker;
	});
	const started = await Promise.all(helpers.map(ready));
	if (started.every(Boolean)) return helpers;
	for (const worker of helpers) worker.terminate();
	return [];
}
