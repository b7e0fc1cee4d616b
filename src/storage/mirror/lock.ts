/** One writer of mirrors at a time, over all tabs and threads, by Web Locks. */

/** Runs `work` as the only one that writes to a mirror; waits for others. */
export async function holdMirror<T>(work: () => Promise<T>): Promise<T> {
	const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
	return locks ? await locks.request('mirror', { mode: 'exclusive' }, work) : await work();
}
