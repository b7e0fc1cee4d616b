/** Spectra on threads of their own, so that the device and the orders to stop do not wait for eigenvalues. */
import { transfer, wrap } from 'comlink';
import { namedError } from '../contract/errors.ts';
import { listen } from '../contract/heartbeat.ts';
import type { SpectrumApi } from '../contract/spectrumApi.ts';
import type { Spectra } from '../selection/heavyTail.ts';
import type { Alive } from './guard.ts';

/** Each holds a matrix in float64: of a model 4096 wide 134 MB. */
const mostThreads = 8;

/** Milliseconds between two looks at whether to stop. */
const interval = 100;

/** A thread breathes after every row of its matrix: it answers where it is not stuck. */
const patience = { notice: 20, limit: 60 };

interface Thread {
	readonly worker: Worker;
	readonly api: SpectrumApi;
	/** Stops listening to it. */
	readonly quiet: () => void;
}

function openThread(fail: (reason: Error) => void): Thread {
	const worker = new Worker(new URL('../../workers/spectrum.worker.ts', import.meta.url), {
		type: 'module',
		name: 'spectrum',
	});
	worker.addEventListener('error', ({ message }) => {
		const why = message || 'its program could not be loaded';
		fail(
			namedError('ThreadLost', `A thread for spectra stopped (${why}). Score the layers again.`),
		);
	});
	const api = wrap<SpectrumApi & Alive>(worker);
	const quiet = listen({
		...{ alive: () => api.alive(), patience, onSilence: () => undefined },
		onDead() {
			const said = `A thread for spectra gave no sign of life for ${patience.limit} s`;
			fail(namedError('Unresponsive', `${said}, and scoring was ended. Score the layers again.`));
		},
	});
	return { worker, api, quiet };
}

/**
 * Runs `work` with spectra on one thread per core, which are ended then. What `check` throws ends it, whatever the threads
 * are at. Rejects with `ThreadLost` where a thread dies, with `Unresponsive` where one gives no sign of life.
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
		for (const { worker, quiet } of threads) {
			quiet();
			worker.terminate();
		}
	}
}
