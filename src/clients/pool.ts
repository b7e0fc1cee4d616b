/** Jobs shared out among threads that do one at a time each; a thread that dies is replaced. */
import type { Connection } from './connect.ts';

export interface Pool<Api, Job> {
	/** In the order they are begun; it may be changed while the pool works. */
	readonly queue: Waiting<Job>[];
	readonly threads: number;
	/** Opens a thread and makes it ready for jobs. Where that fails, the pool goes on with the threads it has. */
	readonly open: () => Promise<Connection<Api>>;
	/** `elsewhere`: somebody else does the job; it comes again when nothing else waits, with `wait`. */
	readonly run: (api: Api, job: Job, wait: boolean) => Promise<'done' | 'elsewhere'>;
	/** A job that failed, whose thread died twice, or for which no thread could be opened. */
	readonly failed: (job: Job, error: Error) => void;
	/** An abort begins no further job, asks every thread to `halt` and closes it where it has not ended after `patience`. */
	readonly signal: AbortSignal;
	readonly halt: (api: Api) => void;
	/** Milliseconds a thread has after an abort to end by itself, checkpoint included. */
	readonly patience: number;
}

/** Times a job is tried where its thread dies. */
const attempts = 2;

/** Names of errors after which the same job may well succeed on another thread. */
const gone: readonly string[] = ['DeviceLost', 'ThreadLost', 'Unresponsive'];

export interface Waiting<Job> {
	readonly job: Job;
	readonly tries: number;
	readonly wait: boolean;
}

export const waiting = <Job>(job: Job): Waiting<Job> => ({ job, tries: 0, wait: false });

/** Resolves when every job is done or failed or the work was aborted; all threads are closed then. Never rejects. */
export async function runPool<Api, Job>(pool: Pool<Api, Job>): Promise<void> {
	const { queue } = pool;
	const live = new Set<Connection<Api>>();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const abort = () => {
		for (const { api } of live) pool.halt(api);
		timer = setTimeout(() => {
			for (const connection of live) connection.close();
		}, pool.patience);
	};
	pool.signal.addEventListener('abort', abort, { once: true });
	try {
		const slots = Math.min(pool.threads, queue.length);
		const errors = await Promise.all(Array.from({ length: slots }, () => workOff(pool, live)));
		const error = errors.find((reason) => reason !== null);
		if (error && !pool.signal.aborted)
			for (const { job } of queue.splice(0)) pool.failed(job, error);
	} finally {
		pool.signal.removeEventListener('abort', abort);
		clearTimeout(timer);
	}
}

/** One thread after another takes jobs until there are none. Resolves with why no thread could be opened, else null. */
async function workOff<Api, Job>(
	pool: Pool<Api, Job>,
	live: Set<Connection<Api>>,
): Promise<Error | null> {
	const { queue } = pool;
	let connection: Connection<Api> | null = null;
	const aborted = () => pool.signal.aborted;
	const close = () => {
		if (connection) live.delete(connection);
		connection?.close();
		connection = null;
	};
	try {
		while (!aborted() && queue.length > 0) {
			try {
				connection ??= await pool.open();
			} catch (error) {
				return asError(error);
			}
			live.add(connection);
			// Not before the thread is ready: until then the job can be moved or taken out.
			const next = queue.shift();
			if (!next) return null;
			try {
				// It was opened while the abort asked the others to halt.
				if (aborted()) return null;
				const outcome = await pool.run(connection.api, next.job, next.wait);
				if (outcome === 'elsewhere') queue.push({ ...next, wait: true });
			} catch (reason) {
				const error = asError(reason);
				// What failed may have left the device in any state.
				close();
				const again = gone.includes(error.name) && next.tries + 1 < attempts;
				if (again) queue.unshift({ ...next, tries: next.tries + 1 });
				else pool.failed(next.job, error);
			}
		}
		return null;
	} finally {
		close();
	}
}

function asError(reason: unknown): Error {
	return reason instanceof Error ? reason : new Error(String(reason));
}
