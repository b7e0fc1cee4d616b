/** How far a command is: a bar on standard error where that is a terminal, nothing elsewhere. */
import cliProgress from 'cli-progress';

/** `update(done, total, label)` moves the bar; `stop()` takes it away. */
export function createProgress(stream = process.stderr) {
	if (!stream.isTTY) return { update: () => undefined, stop: () => undefined };
	const bar = new cliProgress.SingleBar({
		format: '{bar} {percentage}% {value}/{total} {label}',
		barsize: 24,
		hideCursor: true,
		clearOnComplete: true,
		stream,
	});
	let total = null;
	return {
		update: (done, newTotal, label) => {
			if (newTotal === total) bar.update(done, { label });
			else bar.start(newTotal, done, { label });
			total = newTotal;
		},
		stop: () => {
			bar.stop();
			total = null;
		},
	};
}
