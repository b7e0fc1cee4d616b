/** Spectra on threads of their own, so that the device and the orders to stop do not wait for eigenvalues. */
import { transfer, wrap } from 'comlink';
import { namedError } from '../contract/errors.ts';
import type { SpectrumApi } from '../contract/workers.ts';
import type { Spectra } from '../selection/heavyTail.ts';

/** Each holds a matrix in float64: of a model 4096 wide 134 MB. */
const mostThreads = 8;

/** Milliseconds between two looks at whether to stop. */
const interval = 100;

interface Thread {
	readonly worker: Worker;
	readonly api: SpectrumApi;
}

function openThread(fail: (reason: Error) => void): Thread {
	const worker = new Worker(new URL('../../workers/spectrum.worker.ts', import.meta.url), {
		type: 'module',
		name: 'spectrum',
	});
	worker.addEventListener('error', ({ message }) => {
		fail(namedError('DeviceLost', `A spectrum thread stopped: ${message || 'it did not load'}`));
	});
	return { worker, api: wrap<SpectrumApi>(worker) };
}

/**
 * Runs `work` with spectra on one thread per core, which are ended then. What `check` throws ends it, whatever the threads
 * are at. Rejects with `DeviceLost` where a thread dies.
 */
export async function withSpectra<T>(
	check: () => void,
	work: (spectra: Spectra) => Promise<T>,
): Promise<T> {
	let fail: (reason: Error) => void = () => undefined;
	const failed = new Promise<never>((_resolve, reject) => (fail = reject));
	const atOnce = Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency));
	const threads = Array.from({ length: atOnce }, () => openThread(fail));
	const idle = [...threads];
	const timer = setInterval(() => {
		try {
			check();
		} catch (error) {
			fail(error as Error);
		}
	}, interval);
	const spectra: Spectra = {
		atOnce,
		async eigenvalues(matrix, size) {
			const thread = idle.pop();
			if (!thread) throw new Error(`more than ${atOnce} spectra at once`);
			const given = transfer(matrix, [matrix.buffer]);
			const values = await Promise.race([thread.api.eigenvalues(given, size), failed]);
			idle.push(thread);
			return values;
		},
	};
	try {
		return await Promise.race([work(spectra), failed]);
	} finally {
		clearInterval(timer);
		for (const { worker } of threads) worker.terminate();
	}
}
