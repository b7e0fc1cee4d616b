/**
 * Characters as Rust and Oniguruma class them, where JavaScript's `\s`, `\w`, `trim` and `toLowerCase` differ: U+0085 is
 * a space and U+FEFF is none, letters outside ASCII are parts of words, and one character is lowered at a time (a sigma
 * at the end of a word stays a sigma).
 */
import * as older from './olderUnicode.ts';

export const whiteSpace = '\\p{White_Space}';

/** `\w` of Rust's regular expressions. */
export const wordCharacters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';

export const lowerCase = (text: string): string =>
	Array.from(text, (character) => character.toLowerCase()).join('');

/** Of punctuation, with all signs of ASCII. */
export const punctuation = new RegExp(
	`(?![${older.notPunctuation}])[\\p{P}!-\\/:-@\\[-\`\\{-~${older.punctuationToo}]`,
	'gu',
);

const nonspacing = new RegExp(`(?![${older.notNonspacing}])[\\p{Mn}${older.nonspacingToo}]`, 'gu');
const marks = new RegExp(`(?![${older.notMarks}])[\\p{M}${older.marksToo}]`, 'gu');
const unreadable = new RegExp(
	`(?![\\t\\n\\r${older.notControl}])[\\0\\ufffd\\p{Cc}\\p{Cf}\\p{Co}]`,
	'gu',
);
const spaces = new RegExp(whiteSpace, 'gu');
const undecomposed = new RegExp(`([${older.undecomposed}])`, 'u');

export const stripMarks = (text: string): string => text.replace(marks, '');

/** Takes letters apart and drops their accents. */
export const stripAccents = (text: string): string =>
	normalizeUnicode(text, 'NFD').replace(nonspacing, '');

/** Drops what is no character to read, and makes every space a plain one. */
export const cleanText = (text: string): string =>
	text.replace(unreadable, '').replace(spaces, ' ');

export const normalizeUnicode = (text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string =>
	undecomposed.test(text)
		? text
				.split(undecomposed)
				.map((part) => (undecomposed.test(part) ? part : part.normalize(form)))
				.join('')
		: text.normalize(form);

const printable = [
	[33, 126],
	[161, 172],
	[174, 255],
] as const;

/** The character that stands for each byte, as GPT-2 has them: printable ones themselves, the rest from U+0100. */
export const characterOfByte: readonly string[] = (() => {
	const isPrintable = (byte: number) => printable.some(([from, to]) => byte >= from && byte <= to);
	let next = 256;
	return Array.from({ length: 256 }, (_, byte) =>
		String.fromCharCode(isPrintable(byte) ? byte : next++),
	);
})();

const utf8 = new TextEncoder();

/** The bytes of a text in UTF-8, each as its character. */
export const byteLevel = (text: string): string => {
	let characters = '';
	for (const byte of utf8.encode(text)) characters += characterOfByte[byte] ?? '';
	return characters;
};
