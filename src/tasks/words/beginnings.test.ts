import { expect, test } from 'vitest';
import { createTokenizer, type TextTokenizer } from '../../data/tokenizer.ts';
import { beginnings } from './beginnings.ts';

function vocabularyOf(tokens: readonly string[]): TextTokenizer {
	const vocab = Object.fromEntries(['<unk>', ...tokens].map((token, id) => [token, id]));
	return createTokenizer({ model: { type: 'BPE', vocab, merges: [], unk_token: '<unk>' } }, {});
}

/** Which tokens were found, by name. */
function found(tokens: readonly string[], words: readonly string[], firstByte = false): string[] {
	const ids = beginnings(vocabularyOf(tokens), words, firstByte);
	return tokens.filter((_, index) => ids.has(index + 1));
}

test('prefixes of the word that the vocabulary has, with and without ▁, of every form', () => {
	const tokens = ['▁', 'k', '▁ka', 'kay', '▁kayu', 'kayun', 'ayu', 'a', 'w', '▁wo', 'Kay'];
	expect(found(tokens, ['kayu'])).toEqual(['k', '▁ka', 'kay', '▁kayu']);
	expect(found(tokens, ['kayu', 'wit'])).toEqual(['k', '▁ka', 'kay', '▁kayu', 'w']);
	expect(found(tokens, ['zat'])).toEqual([]);
});

test('the first byte of the UTF-8 text, where it is asked for', () => {
	// 书 is E4 B9 A6.
	const tokens = ['▁', '书', '▁书', '<0xE4>', '<0xB9>', '<0xD0>'];
	expect(found(tokens, ['书'])).toEqual(['书', '▁书']);
	expect(found(tokens, ['书'], true)).toEqual(['书', '▁书', '<0xE4>']);
	// к is D0 BA.
	expect(found(tokens, ['кот'], true)).toEqual(['<0xD0>']);
});

test('a byte-level vocabulary spells spaces and bytes as letters', () => {
	// é is C3 A9, Ã and ©; the first byte of 书 is ä, its second ¹ and its third ¦.
	const tokens = ['Ġ', 'bÃ©', 'ĠbÃ©as', 'b', 'ä', 'ä¹¦', 'Ġä¹¦', 'ä¹'];
	expect(found(tokens, ['béas'])).toEqual(['bÃ©', 'ĠbÃ©as', 'b']);
	expect(found(tokens, ['书'])).toEqual(['ä¹¦', 'Ġä¹¦']);
	expect(found(tokens, ['书'], true)).toEqual(['ä', 'ä¹¦', 'Ġä¹¦']);
});
