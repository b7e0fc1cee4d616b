/** One job at a time across tabs, by Web Locks: they vanish with the page that holds them. */

/** `elsewhere`: another tab does it, and `wait` was not asked for. Where the browser has no locks, nobody is kept out. */
export async function alone<T>(
	name: string,
	wait: boolean,
	signal: AbortSignal,
	work: () => Promise<T>,
): Promise<T | 'elsewhere'> {
	const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
	if (!locks) return work();
	const options = wait ? { signal } : { ifAvailable: true };
	return locks.request<Promise<T | 'elsewhere'>>(`job:${name}`, options, (lock) =>
		lock ? work() : Promise.resolve('elsewhere'),
	);
}
