/** How much the browser lets the page keep, and what is said when that runs out. */
import { namedError } from '../contract/errors.ts';
import type { StorageUse } from '../contract/library.ts';

function storageManager(): Partial<StorageManager> | undefined {
	return (globalThis as { navigator?: { storage?: StorageManager } }).navigator?.storage;
}

/** Bytes used and allowed, as reported; zeros where the browser does not tell. */
export async function storageUse(): Promise<StorageUse> {
	const storage = storageManager();
	const estimate = await storage?.estimate?.();
	return {
		usage: estimate?.usage ?? 0,
		quota: estimate?.quota ?? 0,
		persisted: (await storage?.persisted?.()) ?? false,
	};
}

/** Asks the browser never to evict what is stored; true if it promises. */
export async function persistStorage(): Promise<boolean> {
	return (await storageManager()?.persist?.()) ?? false;
}

/** 1.5 GB, 20.0 MB: decimal units, as browsers show storage. */
export function formatBytes(bytes: number): string {
	const power = Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	const unit = ['bytes', 'kB', 'MB', 'GB', 'TB'][power] ?? 'bytes';
	return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${unit}`;
}

async function quotaExceeded(what: string, needed: number): Promise<Error> {
	const { usage } = await storageUse();
	return namedError(
		'QuotaExceeded',
		`No room to store ${what}: at least ${formatBytes(needed)} are needed, and the browser allows no more than ` +
			`the ${formatBytes(usage)} the lab uses now. Nothing stored was lost. ` +
			'Delete runs or models in the library, or free disk space, and try again.',
	);
}

/**
 * Runs a write; running out of space becomes `QuotaExceeded` with the numbers, other errors pass. Space is not asked
 * for beforehand: what browsers report is no measure of it (Chromium: what is used plus at most 10 GiB).
 */
export async function explainQuota<T>(
	what: string,
	needed: number,
	write: () => Promise<T>,
): Promise<T> {
	try {
		return await write();
	} catch (error) {
		const exhausted = error instanceof Error && error.name === 'QuotaExceededError';
		throw exhausted ? await quotaExceeded(what, needed) : error;
	}
}
