/**
 * JSON whose numbers keep the digits of the file. `JSON.parse` rounds them (9007199254740993, 2.50, 1.0), lets the last of
 * equal keys win and seldom says where it stopped. It reads the strings here, one by one. (lossless-json 4.3.3 keeps
 * digits, too, and takes 5.5 s for 28 MB; this takes 0.6 s.)
 */

/** A number as the file spells it. */
export interface Digits {
	readonly digits: string;
}

export type JsonObject = ReadonlyMap<string, Json>;
export type Json = string | boolean | null | Digits | readonly Json[] | JsonObject;

/** Where and why a text is no JSON; no message where it is just malformed. Rows are elements of the outermost array. */
export class JsonError extends Error {
	override readonly name = 'JsonError';
	readonly at: number;
	readonly rowsBefore: number;
	constructor(problem: string, { at, rows }: Reader) {
		super(problem);
		this.at = at;
		this.rowsBefore = rows;
	}
}

interface Reader {
	readonly text: string;
	at: number;
	/** Values that are open around this place. */
	depth: number;
	/** Elements of the outermost array so far. */
	rows: number;
}

/** Deeper values are refused before the stack ends. */
const deepest = 200;

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words = new Map<string, readonly [string, boolean | null]>([
	['t', ['true', true]],
	['f', ['false', false]],
	['n', ['null', null]],
]);

/** Parses a text (RFC 8259). Throws `JsonError`, also where a key comes twice in an object or the nesting is too deep. */
export function parseJson(text: string): Json {
	const reader = { text, at: 0, depth: 0, rows: 0 };
	const value = readValue(reader);
	if (reader.at < text.length) throw new JsonError('', reader);
	return value;
}

/** Takes what matches here; null where nothing does. */
function take(reader: Reader, pattern: RegExp): string | null {
	pattern.lastIndex = reader.at;
	const found = pattern.exec(reader.text)?.[0];
	if (found === undefined) return null;
	reader.at += found.length;
	return found;
}

/** The value here with the space around it. */
function readValue(reader: Reader): Json {
	take(reader, space);
	const value = readBare(reader);
	take(reader, space);
	return value;
}

function readBare(reader: Reader): Json {
	const first = reader.text.charAt(reader.at);
	if (first === '"') return readString(reader);
	if (first === '[') {
		const items: Json[] = [];
		readList(reader, ']', () => {
			items.push(readValue(reader));
			if (reader.depth === 1) reader.rows++;
		});
		return items;
	}
	if (first === '{') {
		const object = new Map<string, Json>();
		readList(reader, '}', () => {
			readMember(reader, object);
		});
		return object;
	}
	const word = words.get(first);
	if (!word) {
		const digits = take(reader, number);
		if (digits === null) throw new JsonError('', reader);
		return { digits };
	}
	if (!reader.text.startsWith(word[0], reader.at)) throw new JsonError('', reader);
	reader.at += word[0].length;
	return word[1];
}

/** What stands between the brackets here; `readItem` takes one of it. */
function readList(reader: Reader, close: string, readItem: () => void): void {
	if (reader.depth === deepest)
		throw new JsonError(`values are nested deeper than ${deepest}`, reader);
	reader.depth++;
	reader.at++;
	take(reader, space);
	if (reader.text[reader.at] !== close)
		for (;;) {
			readItem();
			if (reader.text[reader.at] === close) break;
			if (reader.text[reader.at] !== ',') throw new JsonError('', reader);
			reader.at++;
		}
	reader.at++;
	reader.depth--;
}

function readMember(reader: Reader, object: Map<string, Json>): void {
	take(reader, space);
	const begin = reader.at;
	if (reader.text[begin] !== '"') throw new JsonError('', reader);
	const key = readString(reader);
	if (object.has(key))
		throw new JsonError(`the key "${key}" is there twice`, { ...reader, at: begin });
	take(reader, space);
	if (reader.text[reader.at] !== ':') throw new JsonError('', reader);
	reader.at++;
	object.set(key, readValue(reader));
}

function readString(reader: Reader): string {
	const { text, at } = reader;
	let end = text.indexOf('"', at + 1);
	while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
	if (end < 0) throw new JsonError('', { ...reader, at: text.length });
	try {
		const value = JSON.parse(text.slice(at, end + 1)) as string;
		reader.at = end + 1;
		return value;
	} catch {
		throw new JsonError('', reader);
	}
}

/** Whether the quote at `end` follows an odd number of backslashes. */
function isEscaped(text: string, end: number): boolean {
	let backslashes = 0;
	while (text[end - 1 - backslashes] === '\\') backslashes++;
	return backslashes % 2 === 1;
}

/** Why and where a text is no JSON, in words: `: the file is cut off at line 2, column 6, in row 2`. */
export function placeOf(text: string, { at, rowsBefore, message }: JsonError): string {
	const line = text.slice(0, at).split('\n').length;
	const column = at - text.lastIndexOf('\n', at - 1);
	const place = `line ${line}, column ${column}, in row ${rowsBefore + 1}`;
	if (message !== '') return `: ${message} at ${place}`;
	return at >= text.length ? `: the file is cut off at ${place}` : ` at ${place}`;
}

export const isDigits = (value: unknown): value is Digits =>
	typeof value === 'object' && value !== null && 'digits' in value;

export const isObject = (value: unknown): value is JsonObject => value instanceof Map;
export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** A value as JSON, its numbers as they were spelled. */
export function writeJson(value: Json): string {
	if (isObject(value))
		return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item)}`).join(',')}}`;
	if (isList(value)) return `[${value.map(writeJson).join(',')}]`;
	return isDigits(value) ? value.digits : JSON.stringify(value);
}
