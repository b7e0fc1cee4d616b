/** Sentences to translate out of tables in the columns of NusaX (one column for each language). */
import type { TranslationPair, TranslationSet } from '../contract/evaluation.ts';
import { filledColumn } from '../data/columns.ts';
import type { NamedTable } from '../data/table.ts';

/** `javanese` is `Javanese` in prompts. */
const nameOf = (column: string): string => column.charAt(0).toUpperCase() + column.slice(1);

/** From one column into another. Throws `BadInput` naming file, row and column where one is missing or empty. */
export function readTranslation(
	[source, target]: readonly [string, string],
	train: NamedTable,
	test: NamedTable,
): TranslationSet {
	const pairsOf = (named: NamedTable): TranslationPair[] => {
		const targets = filledColumn(named, target);
		return filledColumn(named, source).map((text, row) => ({
			source: text,
			target: targets[row] ?? '',
		}));
	};
	const [sourceName, targetName] = [nameOf(source), nameOf(target)];
	const subject = `${sourceName} to ${targetName}`;
	return { subject, sourceName, targetName, train: pairsOf(train), test: pairsOf(test) };
}
