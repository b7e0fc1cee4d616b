/** How far a command is: a bar on standard error where that is a terminal, a line now and then elsewhere. */
import cliProgress from 'cli-progress';

/** Milliseconds between two lines of the same work. */
const lineEvery = 10_000;

function createLines(stream) {
	let work = null;
	let written = 0;
	return {
		update: (done, total, label) => {
			if (total === work && performance.now() - written < lineEvery) return;
			stream.write(`${done} of ${total} ${label}\n`);
			work = total;
			written = performance.now();
		},
		stop: () => {
			work = null;
		},
	};
}

/** `update(done, total, label)` moves the bar; `stop()` takes it away. */
export function createProgress(stream = process.stderr) {
	if (!stream.isTTY) return createLines(stream);
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
