/** Which tokens may begin a word (Wendler et al. 2024, epfl-dlab/llm-latent-language, Translation.ipynb). */
import type { TextTokenizer } from '../../data/tokenizer.ts';

/**
 * Ids of all prefixes of the words, with and without a space in front, that are tokens of the vocabulary. `firstByte`:
 * also the token of the first UTF-8 byte, for scripts that a vocabulary spells in bytes.
 */
export function beginnings(
	tokenizer: TextTokenizer,
	words: readonly string[],
	firstByte: boolean,
): Set<number> {
	// SentencePiece writes a space as ▁ and a byte as <0xE4>; byte-level BPE has a letter for each of the 256 bytes.
	const inBytes = tokenizer.idOf('▁') === null;
	const spell = inBytes ? byteLetters : (text: string) => text;
	const tokens = words.flatMap((word) => {
		const letters = Array.from(word);
		const prefixes = letters.map((_, index) => letters.slice(0, index + 1).join(''));
		const spelt = prefixes.flatMap((prefix) => [
			spell(prefix),
			inBytes ? spell(` ${prefix}`) : `▁${prefix}`,
		]);
		return firstByte ? [...spelt, firstByteToken(word, inBytes)] : spelt;
	});
	const ids = tokens.map((token) => tokenizer.idOf(token));
	return new Set(ids.filter((id) => id !== null));
}

function firstByteToken(word: string, inBytes: boolean): string {
	const [byte = 0] = new TextEncoder().encode(word);
	return inBytes ? byteLetter(byte) : `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

const isPrintable = (byte: number) =>
	(byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

/** Bytes that are no printable Latin-1 character take the letters from U+0100 on (GPT-2's bytes_to_unicode). */
const letters = (() => {
	let next = 0x100;
	return Array.from({ length: 256 }, (_, byte) =>
		String.fromCharCode(isPrintable(byte) ? byte : next++),
	);
})();

const byteLetter = (byte: number): string => letters[byte] ?? '';

const byteLetters = (text: string): string =>
	Array.from(new TextEncoder().encode(text), byteLetter).join('');
