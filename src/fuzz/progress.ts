/** What a thread of the fuzzer keeps in shared memory, so that it is known when the thread has to be ended. */

/** Places in the list of numbers. */
export const place = {
	index: 0,
	accepted: 1,
	refused: 2,
	faults: 3,
	multiple: 4,
	share: 5,
} as const;

export const sharedNumbers = (): Float64Array<SharedArrayBuffer> =>
	new Float64Array(new SharedArrayBuffer(8 * Object.keys(place).length));
