/** The thread of the fuzzer: reads inputs, judges, and says what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { inputsOf } from './generate.ts';
import { judge, kindOf } from './judge.ts';
import { installMeter } from './meter.ts';
import { place } from './progress.ts';
import type { Bytes } from './target.ts';
import { targetNamed } from './targets.ts';

export type Request =
	| {
			readonly kind: 'run';
			readonly target: string;
			readonly seed: number;
			readonly from: number;
			readonly to: number;
	  }
	| { readonly kind: 'judge'; readonly target: string; readonly bytes: Bytes };

export type Reply =
	| { readonly kind: 'ready' }
	| { readonly kind: 'fault'; readonly index: number; readonly said: string; readonly bytes: Bytes }
	| { readonly kind: 'judged'; readonly outcome: string; readonly said: string }
	| { readonly kind: 'done' };

/** Turns of the event loop: promises that were rejected and that nobody heard are told in it. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Answers requests until the thread is ended. */
export function serve(): void {
	const port = parentPort;
	if (!port) throw new Error('not a thread');
	const numbers = new Float64Array((workerData as { shared: SharedArrayBuffer }).shared);
	const meter = installMeter();
	// Libraries remark on what they read.
	for (const name of ['log', 'info', 'warn', 'error'] as const) console[name] = () => undefined;
	const unheard: unknown[] = [];
	process.on('unhandledRejection', (error) => unheard.push(error));
	const reply = (message: Reply) => {
		port.postMessage(message);
	};
	const judged = async (name: string, bytes: Bytes) => {
		const verdict = await judge(targetNamed(name), bytes, meter);
		await turn();
		if (unheard.length === 0) return verdict;
		const said = `a rejection that nobody heard: ${String(unheard.pop())}`;
		unheard.length = 0;
		return { ...verdict, outcome: 'fault' as const, said };
	};
	const run = async ({ target, seed, from, to }: Extract<Request, { kind: 'run' }>) => {
		const input = inputsOf(targetNamed(target), seed);
		const kinds = new Set<string>();
		const add = (at: number, amount: number) => {
			numbers[at] = (numbers[at] ?? 0) + amount;
		};
		for (let index = from; index < to; index++) {
			const bytes = input(index);
			numbers[place.index] = index;
			const { outcome, said, multiple, share } = await judged(target, bytes);
			add(outcome === 'fault' ? place.faults : place[outcome], 1);
			numbers[place.multiple] = Math.max(numbers[place.multiple] ?? 0, multiple);
			numbers[place.share] = Math.max(numbers[place.share] ?? 0, share);
			if (outcome !== 'fault' || kinds.has(kindOf(said))) continue;
			kinds.add(kindOf(said));
			reply({ kind: 'fault', index, said, bytes });
		}
		numbers[place.index] = to;
		reply({ kind: 'done' });
	};
	port.on('message', (request: Request) => {
		const answer =
			request.kind === 'run'
				? run(request)
				: judged(request.target, request.bytes).then(({ outcome, said }) => {
						reply({ kind: 'judged', outcome, said });
					});
		answer.catch((error: unknown) => {
			// A defect of the fuzzer itself: the thread ends with it.
			setImmediate(() => {
				throw error;
			});
		});
	});
	reply({ kind: 'ready' });
}
