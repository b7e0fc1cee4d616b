/** Long synchronous work in slices, so that the thread still hears messages. */

/** Longest time the thread is kept from messages, in milliseconds. */
const sliceMilliseconds = 40;

/**
 * Returns a function to await between pieces of work: true where the slice was used up, and then the event loop has
 * run meanwhile.
 */
export function createPause(): () => Promise<boolean> {
	let begun = performance.now();
	return async () => {
		if (performance.now() - begun < sliceMilliseconds) return false;
		await new Promise((resolve) => setTimeout(resolve, 0));
		begun = performance.now();
		return true;
	};
}
