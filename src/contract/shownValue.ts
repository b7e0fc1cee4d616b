/** A value of a file in a message. */

/** Longer ones are cut. */
const longest = 200;

/** As JSON; what is nested so deeply that the engine cannot write it is told in words. */
export function shownValue(value: unknown): string {
	let text: string;
	try {
		text = value === undefined ? 'undefined' : JSON.stringify(value);
	} catch {
		return 'a value nested too deeply';
	}
	return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
