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
	/** Stored bytes are missing or are not what they were. */
	| 'Damaged'
	/** A newer version of the lab wrote what is stored. */
	| 'Outdated'
	| 'Cancelled'
	| 'Busy'
	| 'NotFound';

/** An error with a name to branch on. The message says what happened, where, and what to do. */
export function namedError(name: ErrorName, message: string): Error {
	const error = new Error(message);
	error.name = name;
	return error;
}
