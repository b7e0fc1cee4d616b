/**
 * Whether a thread still hears. It is asked once a second while a call waits; one that computes without a pause, or is
 * stuck in a loop, cannot answer.
 */

/** Seconds without an answer. */
export interface Patience {
	/** From then on the silence is told. */
	readonly notice: number;
	/** Then the thread is given up. */
	readonly limit: number;
}

export interface Heartbeat {
	/** Asks the thread, and resolves when it answers. */
	readonly alive: () => Promise<unknown>;
	readonly patience: Patience;
	/** Told every second from `notice` on, and with 0 when it answers again. */
	readonly onSilence: (seconds: number) => void;
	/** Told once, at `limit`. */
	readonly onDead: () => void;
}

const interval = 1000;

/**
 * Listens until what it returns is called. Beats are counted, not the clock: a computer that slept, or a page whose timers
 * are throttled, finds no thread dead that it has not asked meanwhile.
 */
export function listen({ alive, patience, onSilence, onDead }: Heartbeat): () => void {
	const { notice, limit } = patience;
	let silent = 0;
	let asked = false;
	let stopped = false;
	const answered = () => {
		asked = false;
		if (silent >= notice && !stopped) onSilence(0);
		silent = 0;
	};
	const stop = () => {
		stopped = true;
		clearInterval(timer);
		if (silent >= notice) onSilence(0);
		silent = 0;
	};
	const beat = () => {
		if (!asked) {
			asked = true;
			// A refusal is an answer, too.
			alive().then(answered, answered);
			return;
		}
		silent++;
		if (silent >= limit) {
			stop();
			onDead();
		} else if (silent >= notice) onSilence(silent);
	};
	const timer = setInterval(beat, interval);
	return stop;
}
