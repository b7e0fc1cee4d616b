/**
 * Errors a caller decides on carry a name; comlink carries name and message across threads, nothing else. Whatever has
 * no name from this list gets one where it leaves a thread: see told.ts.
 */
export const errorNames = [
	'BadInput',
	'NotFinite',
	/** The device, or the heap that WASM computes in, has no memory left. */
	'OutOfMemory',
	/** The browser has no main memory left for what was read. */
	'NoMemory',
	/** The graphics device is gone: the driver, the browser or the machine took it away. */
	'DeviceLost',
	/** The device refused work: a defect of the lab or the driver. */
	'DeviceError',
	/** No WebGPU adapter where one was asked for. */
	'NoAdapter',
	/** A thread stopped, or did not load. */
	'ThreadLost',
	/** A thread gave no sign of life within its limit and was ended. */
	'Unresponsive',
	/** The browser has no storage for this page: its settings, a private window, a page within another one. */
	'StorageBlocked',
	/** Another tab keeps the database from being upgraded. */
	'StorageHeld',
	/** What is stored was written by a newer version of the lab than this page is. */
	'StorageOutdated',
	/** The database was closed under the page: an update in another tab, or cleared site data. */
	'StorageClosed',
	/** The browser could not open the database, or broke off a write. */
	'StorageFailed',
	'QuotaExceeded',
	/** Stored bytes are missing or are not what they were. */
	'Damaged',
	'Cancelled',
	'Busy',
	'NotFound',
	/** An address does not answer. */
	'Unreachable',
	/** The lab's own fault: what nobody has foreseen. */
	'Defect',
] as const;

export type ErrorName = (typeof errorNames)[number];

/** Characters kept of a message at its beginning and at its end: it may quote a name as long as the file it is in. */
const kept = { begin: 1500, end: 500 };

/**
 * An error with a name to branch on. The message says what happened, where, and what to do; of one that no person would
 * read to its end the middle is left out.
 */
export function namedError(name: ErrorName, message: string): Error {
	const isLong = message.length > kept.begin + kept.end;
	const told = isLong
		? `${message.slice(0, kept.begin)} [...] ${message.slice(-kept.end)}`
		: message;
	const error = new Error(told);
	error.name = name;
	return error;
}

/** Whether something thrown has a name from the list. */
export function isNamed(error: unknown): error is Error & { name: ErrorName } {
	return error instanceof Error && (errorNames as readonly string[]).includes(error.name);
}

/** An error about a file the user gave; the message starts with its name. */
export function badFile(file: string, problem: string): Error {
	return namedError('BadInput', `${file}: ${problem}`);
}
