/**
 * Who is using what, across tabs and threads, by Web Locks: they vanish with the page that holds them.
 * Where the browser has none, chunks are never collected and no run counts as held.
 */
import { namedError } from '../contract/errors.ts';

const CHUNKS = 'chunks';
const RESERVE = 'reserve';
const RUN = 'run:';

function lockManager(): LockManager | undefined {
	return (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
}

/**
 * Runs `work` while no chunk is collected. Writers hold it from their first chunk to the commit of the record
 * that refers to it; readers of a checkpoint hold it so that a newer one does not take the chunks away.
 */
export async function holdChunks<T>(work: () => Promise<T>): Promise<T> {
	const locks = lockManager();
	return locks ? await locks.request(CHUNKS, { mode: 'shared' }, work) : await work();
}

/** Runs `work` with nobody holding chunks. Null, without waiting and without running it, where somebody is. */
export async function ownChunks<T>(work: () => Promise<T>): Promise<T | null> {
	const locks = lockManager();
	if (!locks) return null;
	return await locks.request(CHUNKS, { ifAvailable: true }, (lock) => (lock ? work() : null));
}

/** Runs `work` as the only one that has the reserve (`room.ts`) open; waits for whoever has. */
export async function holdReserve<T>(work: () => Promise<T>): Promise<T> {
	const locks = lockManager();
	return locks ? await locks.request(RESERVE, { mode: 'exclusive' }, work) : await work();
}

/** Runs `work` as the only one training the run. Rejects with `Busy` where a tab or thread already does. */
export async function holdRun<T>(runId: string, work: () => Promise<T>): Promise<T> {
	const locks = lockManager();
	if (!locks) return await work();
	return await locks.request(RUN + runId, { ifAvailable: true }, (lock) => {
		if (lock) return work();
		throw namedError(
			'Busy',
			`Run ${runId} is open in another tab or still training; stop it there first.`,
		);
	});
}

/** Runs that some tab or thread is training now. */
export async function heldRuns(): Promise<ReadonlySet<string>> {
	const held = (await lockManager()?.query())?.held ?? [];
	const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(RUN));
	return new Set(names.map((name) => name.slice(RUN.length)));
}
