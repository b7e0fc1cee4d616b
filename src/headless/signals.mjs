/** What Ctrl-C and other signals do while a command runs. */

/** Milliseconds: npm hands on a signal that the terminal has already sent, and that is one press of Ctrl-C. */
const samePress = 500;

/**
 * Takes the signals of the process until `release`. `gently(stop)` makes the first SIGINT call `stop`, and only the
 * second end the process; `gently(null)` takes that back. Whatever must be undone belongs to the process's `exit`.
 */
export function takeSignals() {
	let stop = null;
	let pressed = null;
	const interrupt = () => {
		const now = performance.now();
		if (pressed !== null && now - pressed < samePress) return;
		if (pressed !== null || stop === null) process.exit(130);
		pressed = now;
		stop();
	};
	const handlers = {
		SIGINT: interrupt,
		SIGTERM: () => process.exit(143),
		SIGHUP: () => process.exit(129),
	};
	for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
	return {
		gently: (work) => {
			stop = work;
		},
		release: () => {
			for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
		},
	};
}
