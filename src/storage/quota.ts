/** How much the browser lets the page keep, and what is said when that runs out. */
import { namedError } from '../contract/errors.ts';
import type { StorageUse } from '../contract/library.ts';
import { giveBackReserve, MARGIN, roomFor } from './room.ts';

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

/** Up to here a write finishes work (a status, a result): it may use what was kept free. */
const SMALL = 1_000_000;

const lossless =
	'Nothing stored was lost. Delete runs or models in the library, or free disk space, and try again.';

async function quotaExceeded(what: string, needed: number): Promise<Error> {
	const { usage } = await storageUse();
	return namedError(
		'QuotaExceeded',
		`No room to store ${what}: at least ${formatBytes(needed)} are needed, and the browser allows no more than ` +
			`the ${formatBytes(usage)} the lab uses now. ${lossless}`,
	);
}

function diskFull(what: string, needed: number): Error {
	return namedError(
		'QuotaExceeded',
		`No room to store ${what}: ${formatBytes(needed)} are needed, beside ${formatBytes(MARGIN)} that the database ` +
			`must have for itself, and the disk, or what the browser allows of it, has less. ${lossless}`,
	);
}

/**
 * What browsers say where there is no room: by its name (Firefox and Safari also by that of an older specification), or by
 * an error that has other causes, too.
 */
const full = ['QuotaExceededError', 'NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR'];
const perhapsFull = [
	// Chromium: a value of some size goes into a file of its own, which was not written; or its log was not.
	...['DataError', 'UnknownError', 'AbortError', 'TimeoutError'],
	// The connection was closed because of it.
	...['InvalidStateError', 'NotReadableError', 'NoModificationAllowedError'],
];

async function isFull(error: unknown): Promise<boolean> {
	if (!(error instanceof Error)) return false;
	if (full.includes(error.name)) return true;
	return perhapsFull.includes(error.name) && (await roomFor(MARGIN)) === false;
}

/** Whether a write may begin; a small one also on the reserve, as long as the database keeps its margin. */
async function mayWrite(bytes: number): Promise<boolean> {
	if ((await roomFor(bytes + MARGIN)) !== false) return true;
	return bytes <= SMALL && (await giveBackReserve(bytes + MARGIN)) !== false;
}

/**
 * Runs a write of about `bytes` (and opens its transaction) where there is room for them, which is looked for beforehand:
 * a browser may drop a database that it cannot write. Too little of it, or the error that says so, becomes
 * `QuotaExceeded` with the bytes of the whole, `needed`; other errors pass.
 */
export async function withRoom<T>(
	what: string,
	bytes: number,
	write: () => Promise<T>,
	needed = bytes,
): Promise<T> {
	if (!(await mayWrite(bytes))) throw diskFull(what, needed);
	try {
		return await write();
	} catch (error) {
		throw (await isFull(error)) ? await quotaExceeded(what, needed) : error;
	}
}

/** What the database takes to note that something is gone, before it gives its room back. */
const DELETION = MARGIN / 2;

/**
 * Runs a deletion, which needs room, too, on what was kept free where the disk is full. Where not even that is there, as
 * something else has taken it, rejects with `QuotaExceeded`: the browser might drop everything.
 */
export async function withRoomToDelete<T>(remove: () => Promise<T>): Promise<T> {
	if ((await roomFor(MARGIN)) === false && (await giveBackReserve(DELETION)) === false)
		throw namedError(
			'QuotaExceeded',
			`No room to delete: the database needs ${formatBytes(DELETION)} of the disk while it does, and the disk, or what ` +
				'the browser allows of it, has less. Nothing stored was lost. Free disk space outside the browser, and try again.',
		);
	return await remove();
}
