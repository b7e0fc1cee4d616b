/** Calls into a worker thread: functions cross as comlink proxies, and a lost thread rejects what is pending. */
import { type Endpoint, proxy, wrap } from 'comlink';
import { namedError } from '../contract/errors.ts';

/** A live thread. `Api` is the interface of `contract/workers.ts` the thread exposes. */
export interface Connection<Api> {
	/** Every method of the thread. Functions among the arguments are proxied. */
	readonly api: Api;
	/** Resolves with the reason once the thread failed to load, died, or was closed; never rejects. */
	readonly lost: Promise<Error>;
	/** Ends the thread. Pending calls reject with `Cancelled`. */
	close(): void;
}

function end(worker: Worker | MessagePort): void {
	if ('terminate' in worker) worker.terminate();
	else worker.close();
}

type Remote = Record<string, (...parameters: unknown[]) => Promise<unknown>>;

/**
 * Wraps a worker (or, in tests, a port). comlink listens to answers only, so a thread that fails to load would leave
 * every call pending for ever: here all of them, and later ones, reject with `DeviceLost`.
 *
 * @param role what the thread is called in messages, e.g. "training thread"
 * @param refused told the reason of every call that is rejected
 */
export function connect<Api extends object>(
	worker: Worker | MessagePort,
	role: string,
	refused: (reason: unknown) => void = () => undefined,
): Connection<Api> {
	const remote = wrap(worker as Endpoint) as unknown as Remote;
	const pending = new Set<(reason: Error) => void>();
	let reason: Error | null = null;
	let report: (reason: Error) => void = () => undefined;
	const lost = new Promise<Error>((resolve) => (report = resolve));

	const lose = (error: Error): void => {
		if (reason) return;
		reason = error;
		report(error);
		for (const reject of pending) reject(error);
		pending.clear();
	};
	const fail = (event: Event): void => {
		const detail = (event as Partial<ErrorEvent>).message ?? 'it did not load';
		lose(namedError('DeviceLost', `The ${role} stopped: ${detail}.`));
		// Nobody listens to it any more: what it holds, above all its device, is let go.
		end(worker);
	};
	worker.addEventListener('error', fail);
	worker.addEventListener('messageerror', fail);

	const call = (name: string, parameters: unknown[]): Promise<unknown> =>
		new Promise((resolve, reject) => {
			if (reason) {
				reject(reason);
				return;
			}
			pending.add(reject);
			const passed = parameters.map((value) =>
				typeof value === 'function' ? proxy(value) : value,
			);
			void Promise.resolve(remote[name]?.(...passed))
				.then(resolve, (error: unknown) => {
					refused(error);
					reject(error instanceof Error ? error : new Error(String(error)));
				})
				.finally(() => pending.delete(reject));
		});

	const api = new Proxy({} as Api, {
		// An object with a `then` would be taken for a promise when awaited or returned.
		get: (_target, name) =>
			typeof name === 'string' && name !== 'then'
				? (...parameters: unknown[]) => call(name, parameters)
				: undefined,
	});
	return {
		api,
		lost,
		close: () => {
			lose(namedError('Cancelled', `The ${role} was closed.`));
			end(worker);
		},
	};
}

/** Opens a thread on first use, and a new one once it was lost, so that one crash does not end the page. */
export function reopening<Api extends object>(open: () => Connection<Api>): () => Api {
	let connection: Connection<Api> | null = null;
	return () => {
		if (!connection) {
			const opened = open();
			connection = opened;
			void opened.lost.then(() => {
				if (connection === opened) connection = null;
			});
		}
		return connection.api;
	};
}
