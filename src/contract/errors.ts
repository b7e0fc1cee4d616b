/**
 * Errors a caller decides on carry a name; comlink carries name and message across threads, nothing else.
 */
export type ErrorName =
	| 'BadInput'
	| 'NotFinite'
	| 'OutOfMemory'
	| 'DeviceLost'
	/** The device refused work: a defect of the lab or the driver. */
	| 'DeviceError'
	/** No WebGPU adapter where one was asked for. */
	| 'NoAdapter'
	| 'QuotaExceeded'
	| 'Cancelled'
	| 'Busy'
	| 'NotFound';

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
