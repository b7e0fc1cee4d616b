/** Runs targets, and tells what they took, refused and did wrong. */
import { inputsOf } from './generate.ts';
import { place, sharedNumbers } from './progress.ts';
import type { Bytes } from './target.ts';
import { targetNamed } from './targets.ts';
import { watchedThread, type WatchedThread } from './watchedThread.ts';

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
	/** Bytes asked for over those of the file, at most; of a file of a few bytes it says little. */
	readonly largestMultiple: number;
	/** Bytes asked for over those that are allowed, at most. */
	readonly largestShare: number;
	/** The first of each kind, as it was. */
	readonly finds: readonly Find[];
}

interface Asked {
	readonly target: string;
	readonly seed: number;
	readonly count: number;
}

export interface Fuzzer {
	/** Inputs 0 to `count` of a target. A target that hangs too often is given up before. */
	run(asked: Asked): Promise<Report>;
	/** One input; a reader that does not return is at fault. */
	judge(target: string, bytes: Bytes): Promise<{ outcome: string; said: string }>;
	close(): Promise<void>;
}

/** Of one target; each costs the time limit and a new thread. */
const mostHangs = 10;

/** `limit`: milliseconds of work that one input may take. */
export function openFuzzer(limit: number): Fuzzer {
	const shared = sharedNumbers();
	const thread = watchedThread(shared, limit);
	return {
		run: (asked) => runTarget(thread, shared, asked),
		async judge(target, bytes) {
			let verdict = { outcome: 'fault', said: '' };
			await thread.ask({ kind: 'judge', target, bytes }, (reply) => {
				if (reply.kind === 'judged') verdict = { outcome: reply.outcome, said: reply.said };
				if (reply.kind === 'ended') verdict = { outcome: 'fault', said: reply.said };
			});
			return verdict;
		},
		close: () => thread.close(),
	};
}

async function runTarget(
	thread: WatchedThread,
	shared: Float64Array,
	{ target, seed, count }: Asked,
): Promise<Report> {
	const input = inputsOf(targetNamed(target), seed);
	const number = (key: keyof typeof place) => shared[place[key]] ?? 0;
	shared.fill(0);
	const finds: Find[] = [];
	let hangs = 0;
	let from = 0;
	const begun = performance.now();
	while (from < count && hangs < mostHangs) {
		await thread.ask({ kind: 'run', target, seed, from, to: count }, (reply) => {
			if (reply.kind === 'fault') finds.push({ target, ...reply });
			if (reply.kind === 'done') from = count;
			if (reply.kind !== 'ended') return;
			hangs++;
			const index = number('index');
			from = index + 1;
			finds.push({ target, index, said: reply.said, bytes: input(index) });
		});
	}
	return {
		...{ target, seed, inputs: from, hangs },
		accepted: number('accepted'),
		refused: number('refused'),
		faults: number('faults'),
		seconds: (performance.now() - begun) / 1000,
		largestMultiple: number('multiple'),
		largestShare: number('share'),
		finds,
	};
}
