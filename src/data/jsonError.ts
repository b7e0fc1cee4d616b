/** Where malformed JSON goes wrong. JSON.parse does not say: its message names a position in some cases only. */

const space = /[ \t\n\r]*/y;
/** Any code unit from the space on, except quote and backslash. */
const string = /"[ !#-[\]-\uFFFF]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uFFFF]*)*"/y;
const plain = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** A syntax error met while skipping: thrown inside this file only. */
class Unexpected extends Error {
	readonly at: number;
	constructor(at: number) {
		super();
		this.at = at;
	}
}

/**
 * Describes the first syntax error of an array of rows: line, column (from 1) and how many rows were whole before it;
 * `cutOff` where the text ends too early. Null where there is no error (RFC 8259).
 */
export function findJsonError(text: string): {
	readonly line: number;
	readonly column: number;
	readonly rowsBefore: number;
	readonly cutOff: boolean;
} | null {
	let rowsBefore = 0;
	try {
		const end = skipValue(text, 0, () => rowsBefore++);
		if (end === text.length) return null;
		throw new Unexpected(end);
	} catch (error) {
		if (!(error instanceof Unexpected)) throw error;
		return {
			line: text.slice(0, error.at).split('\n').length,
			column: error.at - text.lastIndexOf('\n', error.at - 1),
			rowsBefore,
			cutOff: error.at >= text.length,
		};
	}
}

/** End of `pattern` at `at`; throws where it does not match. */
function match(text: string, at: number, pattern: RegExp): number {
	pattern.lastIndex = at;
	if (pattern.test(text)) return pattern.lastIndex;
	throw new Unexpected(at);
}

/** End of the value at `at` with the space around it. `onElement` hears each element of the outermost array. */
function skipValue(text: string, at: number, onElement?: () => void): number {
	const begin = match(text, at, space);
	const first = text[begin];
	let end: number;
	if (first === '[') end = skipList(text, begin, ']', (item) => skipValue(text, item), onElement);
	else if (first === '{') end = skipList(text, begin, '}', (item) => skipMember(text, item));
	else end = match(text, begin, first === '"' ? string : plain);
	return match(text, end, space);
}

function skipMember(text: string, at: number): number {
	const key = match(text, match(text, match(text, at, space), string), space);
	if (text[key] !== ':') throw new Unexpected(key);
	return skipValue(text, key + 1);
}

function skipList(
	text: string,
	begin: number,
	close: string,
	skipItem: (at: number) => number,
	onElement?: () => void,
): number {
	let at = match(text, begin + 1, space);
	if (text[at] === close) return at + 1;
	for (;;) {
		at = skipItem(at);
		onElement?.();
		if (text[at] === close) return at + 1;
		if (text[at] !== ',') throw new Unexpected(at);
		at++;
	}
}
