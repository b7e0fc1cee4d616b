/** Sentences to translate out of tables in the columns of NusaX (one column for each language). */
import type { LanguageColumn, TranslationPair, TranslationSet } from '../contract/evaluation.ts';
import { filledColumn } from '../data/columns.ts';
import type { NamedTable } from '../data/table.ts';

/** From one column into another. Throws `BadInput` naming file, row and column where one is missing or empty. */
export function readTranslation(
	[source, target]: readonly [LanguageColumn, LanguageColumn],
	train: NamedTable,
	test: NamedTable,
): TranslationSet {
	const pairsOf = (named: NamedTable): TranslationPair[] => {
		const targets = filledColumn(named, target.column);
		return filledColumn(named, source.column).map((text, row) => ({
			source: text,
			target: targets[row] ?? '',
		}));
	};
	const [sourceName, targetName] = [source.name, target.name];
	const subject = `${sourceName} to ${targetName}`;
	return { subject, sourceName, targetName, train: pairsOf(train), test: pairsOf(test) };
}
