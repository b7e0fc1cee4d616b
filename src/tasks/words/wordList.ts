/** Word lists in the columns of Wendler et al. 2024, and pairs of words out of two of them. */
import type { WordPair } from '../../contract/evaluation.ts';
import { filledColumn } from '../../data/columns.ts';
import type { NamedTable } from '../../data/table.ts';
import { badData } from '../../data/text.ts';

/** English word -> its accepted forms, the usual one first. */
export type WordList = ReadonlyMap<string, readonly string[]>;

/**
 * Takes the columns `word_original` (English) and `word_translation` (accepted forms, separated by `;`), as NFC. Throws
 * `BadInput` naming file, row and column where one is missing, empty, or an English word comes twice.
 */
export function readWordList(named: NamedTable): WordList {
	const english = filledColumn(named, 'word_original');
	const translations = filledColumn(named, 'word_translation');
	const list = new Map<string, readonly string[]>();
	for (const [index, word] of english.entries()) {
		const where = `row ${index + 1}, column`;
		if (list.has(word))
			throw badData(
				named.file,
				`${where} "word_original": "${word}" is there twice; write its forms in one row, separated by ;`,
			);
		const forms = (translations[index] ?? '').split(';').map((form) => form.trim());
		if (forms.includes(''))
			throw badData(
				named.file,
				`${where} "word_translation": one of the forms of "${word}" is empty; remove a ;`,
			);
		list.set(
			word.normalize('NFC'),
			forms.map((form) => form.normalize('NFC')),
		);
	}
	return list;
}

/**
 * The concepts that both lists have, in the order of the source. Where the target is not English, concepts whose
 * English word is part of a target form, whatever its case, are left out: they could be copied.
 */
export function pairWords(source: WordList, target: WordList, targetCode: string): WordPair[] {
	return [...source].flatMap(([english, forms]) => {
		const translation = target.get(english);
		if (!translation) return [];
		const copied = translation.some((form) => form.toLowerCase().includes(english.toLowerCase()));
		return copied && targetCode !== 'en' ? [] : [{ english, source: forms, target: translation }];
	});
}
