/** A thread that reads inputs, ended and begun anew where one of them takes too long. */
import { Worker } from 'node:worker_threads';
import { place } from './progress.ts';
import type { Reply, Request } from './serve.ts';

/** What a thread that had to be ended has said last. */
export interface Ended {
	readonly kind: 'ended';
	readonly said: string;
}

export interface WatchedThread {
	/** Sends a request; `hear` is told every reply, the last one too: `done`, `judged` or `ended`. */
	ask(request: Request, hear: (reply: Reply | Ended) => void): Promise<void>;
	close(): Promise<void>;
}

/** What is said of a reader that was ended. */
const hang = 'does not return';

/** The thread ends with an error of its own where lists of a reader outgrow this. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/** Times the limit that a reader may wait for something without working: on a busy machine, for the processor. */
const patience = 60;

const pollMilliseconds = 50;

const isLast = ({ kind }: Reply | Ended): boolean =>
	kind === 'done' || kind === 'judged' || kind === 'ended';

/**
 * `limit`: milliseconds of work that one input may take, counted by the processor, not by the clock. The thread writes
 * into `shared` what it is at.
 */
export function watchedThread(
	shared: Float64Array<SharedArrayBuffer>,
	limit: number,
): WatchedThread {
	let thread: Promise<Worker> | null = null;
	let hear: (reply: Reply | Ended) => void = () => undefined;

	const begin = (): Promise<Worker> => {
		const worker = new Worker(new URL('./thread.mjs', import.meta.url), {
			workerData: { shared: shared.buffer },
			resourceLimits,
		});
		return new Promise((resolve, reject) => {
			worker.on('message', (message: Reply) => {
				if (message.kind === 'ready') resolve(worker);
				else hear(message);
			});
			worker.on('error', (error) => {
				thread = null;
				reject(error);
				hear({ kind: 'ended', said: `${error.name}: ${error.message}` });
			});
		});
	};

	return {
		async ask(request, told) {
			const worker = await (thread ??= begin());
			await new Promise<void>((resolve) => {
				const stopWatching = watchWork(shared, limit, () => {
					thread = null;
					void worker.terminate().then(() => {
						hear({ kind: 'ended', said: hang });
					});
				});
				hear = (reply) => {
					if (isLast(reply)) {
						stopWatching();
						hear = () => undefined;
						resolve();
					}
					told(reply);
				};
				worker.postMessage(request);
			});
		},
		async close() {
			const worker = await thread;
			thread = null;
			await worker?.terminate();
		},
	};
}

/** Calls `late` once where the input that is read does not change for too long. Returns what ends the watch. */
function watchWork(shared: Float64Array, limit: number, late: () => void): () => void {
	const now = () => {
		const { user, system } = process.cpuUsage();
		return { input: shared[place.index], work: (user + system) / 1000, clock: performance.now() };
	};
	let since = now();
	const timer = setInterval(() => {
		const { input, work, clock } = now();
		if (input !== since.input) since = now();
		else if (work - since.work > limit || clock - since.clock > patience * limit) {
			clearInterval(timer);
			late();
		}
	}, pollMilliseconds);
	return () => {
		clearInterval(timer);
	};
}
