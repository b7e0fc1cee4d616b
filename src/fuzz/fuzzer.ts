/** Runs targets in a thread that is ended and begun anew where a reader does not return. */
import { Worker } from 'node:worker_threads';
import { inputsOf } from './generate.ts';
import { place, sharedNumbers } from './progress.ts';
import type { Reply, Request } from './serve.ts';
import type { Bytes } from './target.ts';
import { targetNamed } from './targets.ts';

export interface Find {
	readonly target: string;
	readonly index: number;
	readonly said: string;
	readonly bytes: Bytes;
}

export interface Report {
	readonly target: string;
	readonly seed: number;
	readonly inputs: number;
	readonly accepted: number;
	readonly refused: number;
	readonly faults: number;
	readonly hangs: number;
	readonly seconds: number;
	/** Bytes asked for over those of the file, at most. */
	readonly largestMultiple: number;
	/** The first of each kind, as it was. */
	readonly finds: readonly Find[];
}

export interface Fuzzer {
	/** Inputs 0 to `count` of a target. A target that hangs too often is given up before. */
	run(options: { target: string; seed: number; count: number }): Promise<Report>;
	/** One input; a reader that does not return is at fault. */
	judge(target: string, bytes: Bytes): Promise<{ outcome: string; said: string }>;
	close(): Promise<void>;
}

/** What a thread that has to be ended has said last. */
interface Ended {
	readonly kind: 'ended';
	readonly why: 'hang' | 'crash';
	readonly said: string;
}

/** The thread ends with an error of its own where lists of a reader outgrow this. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/** Of one target; each costs the time limit and a new thread. */
const mostHangs = 10;

/** Times the limit that a reader may wait for something without working. */
const patience = 10;

const pollMilliseconds = 50;

/** What is said of a reader that was ended. */
export const hang = 'does not return';

/** `limit`: milliseconds of work that one input may take, counted by the processor, not by the clock. */
export function openFuzzer(limit: number): Fuzzer {
	const shared = sharedNumbers();
	let thread: Promise<Worker> | null = null;
	let hear: (message: Reply | Ended) => void = () => undefined;

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
				hear({ kind: 'ended', why: 'crash', said: `${error.name}: ${error.message}` });
			});
		});
	};

	/** Sends a request and hears replies until `isLast`; ends the thread where one input takes too long. */
	const ask = async (request: Request, isLast: (reply: Reply | Ended) => boolean) => {
		const worker = await (thread ??= begin());
		return new Promise<void>((resolve) => {
			const watch = watchWork(shared, limit, () => {
				thread = null;
				void worker.terminate().then(() => {
					hear({ kind: 'ended', why: 'hang', said: hang });
				});
			});
			const { hear: told } = { hear };
			hear = (reply) => {
				told(reply);
				if (!isLast(reply)) return;
				watch.end();
				hear = () => undefined;
				resolve();
			};
			worker.postMessage(request);
		});
	};

	return {
		async run({ target, seed, count }) {
			const input = inputsOf(targetNamed(target), seed);
			shared.fill(0);
			const finds: Find[] = [];
			let hangs = 0;
			const begun = performance.now();
			let from = 0;
			while (from < count && hangs < mostHangs) {
				hear = (reply) => {
					if (reply.kind === 'fault') finds.push({ target, ...reply });
					if (reply.kind !== 'ended') return;
					hangs++;
					const index = shared[place.index] ?? 0;
					finds.push({ target, index, said: reply.said, bytes: input(index) });
				};
				await ask(
					{ kind: 'run', target, seed, from, to: count },
					({ kind }) => kind === 'done' || kind === 'ended',
				);
				const index = shared[place.index] ?? 0;
				from = index === count ? count : index + 1;
			}
			return {
				...{ target, seed, inputs: from, hangs },
				accepted: shared[place.accepted] ?? 0,
				refused: shared[place.refused] ?? 0,
				faults: shared[place.faults] ?? 0,
				seconds: (performance.now() - begun) / 1000,
				largestMultiple: shared[place.largest] ?? 0,
				finds,
			};
		},
		async judge(target, bytes) {
			let verdict = { outcome: 'fault', said: '' };
			hear = (reply) => {
				if (reply.kind === 'judged') verdict = { outcome: reply.outcome, said: reply.said };
				if (reply.kind === 'ended') verdict = { outcome: 'fault', said: reply.said };
			};
			await ask(
				{ kind: 'judge', target, bytes },
				({ kind }) => kind === 'judged' || kind === 'ended',
			);
			return verdict;
		},
		async close() {
			const worker = await thread;
			thread = null;
			await worker?.terminate();
		},
	};
}

/** Calls `late` once where the input that is read does not change for too long. */
function watchWork(shared: Float64Array, limit: number, late: () => void) {
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
	return {
		end: () => {
			clearInterval(timer);
		},
	};
}
