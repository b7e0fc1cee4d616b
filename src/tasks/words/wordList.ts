/** Word lists in the columns of Wendler et al. 2024, and pairs of words out of two of them. */
import { namedError } from '../../contract/errors.ts';
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
		list.set(
			word.normalize('NFC'),
			formsOf(translations[index] ?? '', `${named.file}: ${where} "word_translation"`),
		);
	}
	return list;
}

/** Accepted forms out of a cell, as NFC. */
function formsOf(cell: string, where: string): string[] {
	const forms = cell.split(';').map((form) => form.trim().normalize('NFC'));
	if (!forms.includes('')) return forms;
	throw namedError('BadInput', `${where}: one of the forms of "${cell}" is empty; remove a ;`);
}

/**
 * Words of two columns of one table, accepted forms separated by `;`. Rows whose English word (a third column, null:
 * not known) is part of a target form, whatever its case, are left out where the target is another language: they could be
 * copied. Throws `BadInput` naming file, row and column where a column is missing or a cell empty.
 */
export function readWordPairs(
	named: NamedTable,
	[source, target]: readonly [string, string],
	english: string | null,
): WordPair[] {
	const cells = (column: string) =>
		filledColumn(named, column).map((cell, row) =>
			formsOf(cell, `${named.file}: row ${row + 1}, column "${column}"`),
		);
	const targets = cells(target);
	const known = english === null ? null : cells(english);
	return cells(source).flatMap((forms, row) => {
		const own = targets[row] ?? [];
		const word = known?.[row]?.[0] ?? null;
		if (word !== null && target !== english && isCopied(word, own)) return [];
		return [{ english: word, source: forms, target: own }];
	});
}

const isCopied = (english: string, forms: readonly string[]): boolean =>
	forms.some((form) => form.toLowerCase().includes(english.toLowerCase()));

/**
 * The concepts that both lists have, in the order of the source. Where the target is not English, concepts whose
 * English word is part of a target form, whatever its case, are left out: they could be copied.
 */
export function pairWords(source: WordList, target: WordList, targetCode: string): WordPair[] {
	return [...source].flatMap(([english, forms]) => {
		const translation = target.get(english);
		if (!translation) return [];
		const copied = targetCode !== 'en' && isCopied(english, translation);
		return copied ? [] : [{ english, source: forms, target: translation }];
	});
}
