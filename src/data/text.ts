/** Bytes of a data file as text. */
import { namedError } from '../contract/errors.ts';

/** An error about a data file; the message starts with its name. */
export function badData(file: string, problem: string): Error {
	return namedError('BadInput', `${file}: ${problem}`);
}

/**
 * UTF-8 with or without a byte order mark, UTF-16 with one (Excel's "Unicode text"). Throws `BadInput` naming file, line and byte where it is something else or
 * holds a NUL, before which `placeAfter` tells the place by the text in front of it.
 */
export function decodeText(
	bytes: Uint8Array,
	file: string,
	placeAfter: (before: string) => string = () => '',
): string {
	const wide = wideEncoding(bytes);
	if (wide !== null) return decodeWide(bytes, wide, file);
	const nul = bytes.indexOf(0);
	if (nul >= 0) {
		const place = placeAfter(new TextDecoder().decode(bytes.subarray(0, nul)));
		throw badData(
			file,
			`${place}${placeAt(bytes, nul)}, is a NUL byte; this is not a text file, or save it as UTF-8`,
		);
	}
	try {
		// The decoder drops a byte order mark.
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		const place = placeAt(bytes, firstInvalid(bytes));
		throw badData(file, `the text is not valid UTF-8 from ${place}; save it as UTF-8`);
	}
}

/** UTF-16 where a byte order mark says so. */
function wideEncoding([a, b]: Uint8Array): string | null {
	if (a === 0xff && b === 0xfe) return 'utf-16le';
	return a === 0xfe && b === 0xff ? 'utf-16be' : null;
}

function decodeWide(bytes: Uint8Array, encoding: string, file: string): string {
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		throw badData(file, 'the text begins as UTF-16 and is not valid as such; save it as UTF-8');
	}
}

/** `line 2, byte 4`, both from 1. */
function placeAt(bytes: Uint8Array, at: number): string {
	const before = bytes.subarray(0, at);
	const line = before.filter((byte) => byte === 10).length + 1;
	return `line ${line}, byte ${at - before.lastIndexOf(10)}`;
}

/** Index of the first byte of the first line that is not UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
	let from = 0;
	for (;;) {
		const end = bytes.indexOf(10, from);
		const line = bytes.subarray(from, end < 0 ? bytes.length : end);
		try {
			new TextDecoder('utf-8', { fatal: true }).decode(line);
		} catch {
			return from;
		}
		if (end < 0) return from;
		from = end + 1;
	}
}

/**
 * The lines of a file, their ends (`\n`, `\\r\n`) left out; one at the end of the file begins no further line. Throws
 * `BadInput` as `decodeText` does, and where there is no line.
 */
export function readLines(bytes: Uint8Array, file: string): string[] {
	const text = decodeText(bytes, file);
	if (text === '') throw badData(file, 'the file is empty; choose one with lines');
	return splitLines(text);
}

/** Lines without their ends; one at the end of the text begins no further line. */
export const splitLines = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);
