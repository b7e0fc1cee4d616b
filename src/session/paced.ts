/** Work that follows changes: soon after the first of them, one at a time, for no more than a fifth of the time. */

/** Milliseconds from a change to the work: several changes make one piece. */
const delay = 2000;

/** How many times as long as the work lasted it rests before the next. */
const rest = 4;

export interface Paced {
	readonly busy: () => boolean;
	/** The work is done before long, whatever is going on. */
	readonly soon: () => void;
	/** Does the work at once, after what is going on; resolves when it has ended. */
	readonly now: () => Promise<void>;
}

/** `work` never rejects; `onState` is called when it begins and when it has ended. */
export function paced(work: () => Promise<void>, onState: () => Promise<void>): Paced {
	let running: Promise<void> | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let pause = delay;
	const timed = async (): Promise<void> => {
		const begin = performance.now();
		await work();
		pause = Math.max(delay, rest * (performance.now() - begin));
	};
	const now = async (): Promise<void> => {
		clearTimeout(timer);
		timer = undefined;
		const mine = (running ?? Promise.resolve()).then(timed);
		running = mine;
		await onState();
		await mine;
		if (running === mine) running = null;
		await onState();
	};
	return {
		now,
		busy: () => running !== null,
		soon() {
			timer ??= setTimeout(() => void now(), pause);
		},
	};
}
