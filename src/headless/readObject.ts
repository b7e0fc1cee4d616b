/** A file of JSON that the command line hands over as text. */
import { namedError } from '../contract/errors.ts';

/** The object that the text is. Throws `BadInput` naming the file where it is none. */
export function readObject(text: string, file: string): Record<string, unknown> {
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch (error) {
		const why = error instanceof Error ? error.message : 'malformed';
		throw namedError('BadInput', `${file}: not valid JSON (${why}); make it again`);
	}
	if (typeof found === 'object' && found !== null && !Array.isArray(found))
		return found as Record<string, unknown>;
	throw namedError('BadInput', `${file}: not a JSON object; make it again`);
}
