/** Calls into a thread that wait for their answer, and the silence they wait in. */
import { listen, type Patience } from '../contract/heartbeat.ts';
import { tellSilence } from './silence.ts';

type Reject = (reason: Error) => void;

export interface Pending {
	/** `doing`: what the call does, in words. */
	add(reject: Reject, doing: string): void;
	delete(reject: Reject): void;
	/** What the thread was asked to do; empty where nothing waits. */
	doing(): string;
	/** Rejects all of them. */
	reject(error: Error): void;
}

export interface Watched {
	readonly role: string;
	readonly patience: Patience;
	readonly alive: () => Promise<unknown>;
	/** Told where the thread gave no sign of life until its limit, or until somebody had enough. */
	readonly giveUp: (seconds: number, onRequest: boolean) => void;
}

/** As long as a call waits, the thread is listened to, and its silence told. */
export function createPending({ role, patience, alive, giveUp }: Watched): Pending {
	const calls = new Map<Reject, string>();
	const doing = () => [...new Set(calls.values())].join(' and ');
	let quiet: (() => void) | null = null;
	const stop = () => {
		if (calls.size > 0) return;
		quiet?.();
		quiet = null;
	};
	const start = () =>
		listen({
			...{ alive, patience },
			onSilence(seconds) {
				const end = () => {
					giveUp(seconds, true);
				};
				const silence = { role, doing: doing(), seconds, ...patience, end };
				tellSilence(calls, seconds === 0 ? null : silence);
			},
			onDead() {
				giveUp(patience.limit, false);
			},
		});
	return {
		add(reject, words) {
			calls.set(reject, words);
			quiet ??= start();
		},
		delete(reject) {
			calls.delete(reject);
			stop();
		},
		doing,
		reject(error) {
			for (const reject of calls.keys()) reject(error);
			calls.clear();
			stop();
		},
	};
}
