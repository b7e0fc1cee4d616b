/** The normalizer of a SentencePiece model: its own table of what each character becomes. */
import { refuse } from './part.ts';

/** Longer graphemes (bytes) are looked up character by character. */
const longestGrapheme = 6;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * @param base64 a double array (Darts: bytes of the trie as u32, then its units as u32) and the replacements, each
 *   ended by a zero byte; https://github.com/google/sentencepiece/blob/master/src/normalizer.cc
 */
export function createPrecompiled(base64: string, path: string): (text: string) => string {
	const bytes = fromBase64(base64, path);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const size = bytes.length < 4 ? 0 : view.getUint32(0, true);
	if (size < 4 || size % 4 !== 0 || size > bytes.length - 4)
		throw refuse(
			path,
			'"precompiled_charsmap" is no table of SentencePiece; download the file again',
		);
	const unit = (index: number) => (index * 4 < size ? view.getUint32(4 + index * 4, true) : 0);
	const replacements = bytes.subarray(4 + size);
	const textAt = (start: number) => {
		const end = replacements.indexOf(0, start);
		return decoder.decode(replacements.subarray(start, end < 0 ? undefined : end));
	};
	const known = new Map<string, string | null>();
	const replacement = (key: string): string | null => {
		let found = known.get(key);
		if (found === undefined) {
			const start = shortestPrefix(unit, encoder.encode(key));
			found = start === null ? null : textAt(start);
			known.set(key, found);
		}
		return found;
	};
	return (text) => {
		let changed = '';
		for (const { segment } of graphemes.segment(text)) {
			const whole = encoder.encode(segment).length < longestGrapheme ? replacement(segment) : null;
			if (whole !== null) changed += whole;
			else for (const character of segment) changed += replacement(character) ?? character;
		}
		return changed;
	};
}

/** Where the replacement of the shortest key that `bytes` begin with starts; null where there is none. */
function shortestPrefix(unit: (index: number) => number, bytes: Uint8Array): number | null {
	let node = offsetOf(unit(0));
	for (const byte of bytes) {
		if (byte === 0) return null;
		node ^= byte;
		const found = unit(node);
		if ((found & 0x800000ff) !== byte) return null;
		node ^= offsetOf(found);
		if (((found >>> 8) & 1) === 1) return unit(node) & 0x7fffffff;
	}
	return null;
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

function fromBase64(text: string, path: string): Uint8Array {
	try {
		return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
	} catch {
		throw refuse(path, '"precompiled_charsmap" is not in base64; download the file again');
	}
}
