/** Sentiment sets out of tables in the columns of NusaX (`text`, `label`), or in others. */
import type { SentimentExample, SentimentSet } from '../contract/evaluation.ts';
import { filledColumn } from '../data/columns.ts';
import type { NamedTable } from '../data/table.ts';
import { badData } from '../data/text.ts';

interface Columns {
	readonly text: string;
	readonly label: string;
}

/**
 * Throws `BadInput` naming file, row and column where one is missing or empty, or where the two files do not have the
 * same labels: a class without an example to show, or without one to recognise.
 */
export function readSentiment(
	language: string,
	train: NamedTable,
	test: NamedTable,
	columns: Columns = { text: 'text', label: 'label' },
): SentimentSet {
	const [shown, asked] = [examplesOf(train, columns), examplesOf(test, columns)];
	const known = new Set(shown.map(({ label }) => label));
	const labels = [...known].sort();
	const wrong = asked.findIndex(({ label }) => !known.has(label));
	if (wrong >= 0)
		throw badData(
			test.file,
			`row ${wrong + 1}, column "${columns.label}": "${asked[wrong]?.label}" is no label of ${train.file}, which has ${labels.join(', ')}`,
		);
	const recognised = new Set(asked.map(({ label }) => label));
	const unasked = labels.find((label) => !recognised.has(label));
	if (unasked !== undefined) {
		const row = shown.findIndex(({ label }) => label === unasked) + 1;
		throw badData(
			test.file,
			`column "${columns.label}": no row is "${unasked}", a label of ${train.file} (row ${row} there); correct one of them`,
		);
	}
	return { language, train: shown, test: asked };
}

function examplesOf(named: NamedTable, columns: Columns): SentimentExample[] {
	const labels = filledColumn(named, columns.label);
	return filledColumn(named, columns.text).map((text, row) => ({ text, label: labels[row] ?? '' }));
}
