/** Calls into a worker thread: functions cross as comlink proxies, and a lost thread rejects what is pending. */
import { type Endpoint, proxy, wrap } from 'comlink';
import { describeCall, type Work } from '../contract/doing.ts';
import { namedError } from '../contract/errors.ts';
import type { Patience } from '../contract/heartbeat.ts';
import { createPending } from './pending.ts';

/** A live thread. `Api` is the interface of `src/contract` that the thread exposes. */
export interface Connection<Api> {
	/** Every method of the thread. Functions among the arguments are proxied. */
	readonly api: Api;
	/** Resolves with the reason once the thread failed to load, died, or was closed; never rejects. */
	readonly lost: Promise<Error>;
	/** Ends the thread. Pending calls reject with `Cancelled`. */
	close(): void;
}

/** What is known of a thread beforehand. */
export interface Thread<Api> {
	/** What it is called in messages, e.g. "training thread". */
	readonly role: string;
	readonly works: Readonly<Record<keyof Api, Work>>;
	readonly patience: Patience;
	/** What to do when it died or gave no sign of life: sentences. */
	readonly advice: string;
}

function end(worker: Worker | MessagePort): void {
	if ('terminate' in worker) worker.terminate();
	else worker.close();
}

type Remote = Record<string, (...parameters: unknown[]) => Promise<unknown>>;

const passable = (value: unknown) => (typeof value === 'function' ? proxy(value) : value);

/** An interface whose methods are calls. */
function callable<Api extends object>(
	works: Thread<Api>['works'],
	call: (name: keyof Api & string, parameters: unknown[]) => Promise<unknown>,
): Api {
	return new Proxy({} as Api, {
		// An object with a `then` would be taken for a promise when awaited or returned.
		get: (_target, name) =>
			typeof name === 'string' && name in works
				? (...parameters: unknown[]) => call(name as keyof Api & string, parameters)
				: undefined,
	});
}

/** What is said of a thread that died; `message`: what the browser says of it, empty where it could not even be loaded. */
function stopped(role: string, doing: string, message: string, advice: string): string {
	const during = doing === '' ? '' : ` while ${doing}`;
	const why =
		message === ''
			? 'for its program could not be loaded. Look whether the lab’s server is still there, then reload the page.'
			: `by a defect of the lab or for want of memory (${message}). ${advice}`;
	return `The ${role} stopped${during}, ${why}`;
}

/**
 * Wraps a worker (or, in tests, a port). comlink listens to answers only, so a thread that fails to load would leave
 * every call pending for ever: here all of them, and later ones, reject with `ThreadLost`; where a thread gives no sign of
 * life within its limit, with `Unresponsive`. Both say what it was asked to do.
 *
 * @param refused told the reason of every call that is rejected
 */
export function connect<Api extends object>(
	worker: Worker | MessagePort,
	{ role, works, patience, advice }: Thread<Api>,
	refused: (reason: unknown) => void = () => undefined,
): Connection<Api> {
	const remote = wrap(worker as Endpoint) as unknown as Remote;
	let reason: Error | null = null;
	let report: (reason: Error) => void = () => undefined;
	const lost = new Promise<Error>((resolve) => (report = resolve));

	const lose = (error: Error): void => {
		if (reason) return;
		reason = error;
		report(error);
		pending.reject(error);
		// Nobody listens to it any more: what it holds, above all its device, is let go.
		end(worker);
	};
	const pending = createPending({
		...{ role, patience },
		alive: () => remote.alive?.() ?? Promise.resolve(),
		giveUp(seconds, onRequest) {
			const how = `and was ended${onRequest ? ' on request' : ''}`;
			const said = `The ${role} gave no sign of life for ${seconds} s while ${pending.doing()}, ${how}.`;
			lose(namedError('Unresponsive', `${said} ${advice}`));
		},
	});
	const fail = (event: Event): void => {
		const { message } = event as Partial<ErrorEvent>;
		lose(namedError('ThreadLost', stopped(role, pending.doing(), message ?? '', advice)));
	};
	worker.addEventListener('error', fail);
	worker.addEventListener('messageerror', fail);

	const call = (name: keyof Api & string, parameters: unknown[]): Promise<unknown> =>
		new Promise((resolve, reject) => {
			if (reason) {
				reject(reason);
				return;
			}
			pending.add(reject, describeCall(works[name], parameters));
			void Promise.resolve(remote[name]?.(...parameters.map(passable)))
				.then(resolve, (error: unknown) => {
					refused(error);
					reject(error instanceof Error ? error : new Error(String(error)));
				})
				.finally(() => {
					pending.delete(reject);
				});
		});
	return {
		api: callable(works, call),
		lost,
		close() {
			lose(namedError('Cancelled', `The ${role} was closed.`));
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
