/** What a model keeps of the languages it knew (METHOD.md 6.5): words from one into another, and English texts. */
import { alpacaPaths, knownCodes, translationPaths, wordPath } from '../contract/dataPaths.mjs';
import { namedError } from '../contract/errors.ts';
import type { EvaluationTask, FileTaskChoice, FileTasks } from '../contract/evaluation.ts';
import { filledColumn, needColumns } from '../data/columns.ts';
import { cellText } from '../data/table.ts';
import { wordLanguages, wordSet } from '../tasks/words/languages.ts';
import { readWordList } from '../tasks/words/wordList.ts';
import { drawsOf, type Folder, selected } from './dataFolder.ts';

/** English texts: path, column, what they are called. */
const englishTexts = [
	[translationPaths.test, 'english', 'English, NusaX'],
	...alpacaPaths.map((path) => [path, 'output', 'English, Alpaca answers'] as const),
] as const;

/**
 * Words between English and every other known language, both ways, and the loss per token of English texts, as far as
 * there are files. Rejects with `BadInput` naming file, row and column, or where there is nothing to measure.
 */
export async function readRetention(folder: Folder, choice: FileTaskChoice): Promise<FileTasks> {
	const notes: string[] = [];
	const tasks: EvaluationTask[] = [];
	const present = (code: keyof typeof wordLanguages) => {
		if (folder.has(wordPath(code))) return true;
		const { english } = wordLanguages[code];
		notes.push(
			`${wordPath(code)}: there is no such file; no words of ${english} are kept an eye on`,
		);
		return false;
	};
	if (present('en')) {
		const english = readWordList(await folder.read(wordPath('en')));
		for (const other of knownCodes.filter((code) => code !== 'en' && present(code))) {
			const list = readWordList(await folder.read(wordPath(other)));
			for (const set of [
				wordSet(['en', english], [other, list]),
				wordSet([other, list], ['en', english]),
			]) {
				const pairs = selected(set.pairs, choice.rows, `retention, ${set.subject}`);
				tasks.push({ kind: 'words', set: { ...set, pairs }, ...drawsOf(choice) });
			}
		}
	}
	const named = new Set<string>();
	for (const [path, column, language] of englishTexts) {
		if (named.has(language) || !folder.has(path)) continue;
		named.add(language);
		const file = await folder.read(path);
		needColumns(file, [column]);
		// Some answers of Alpaca are empty: they have no token to predict.
		const cells =
			column === 'english'
				? filledColumn(file, column)
				: file.table.rows.map((_, row) => cellText(file, row, column).trim());
		const texts = selected(cells, choice.rows, path).filter((text) => text !== '');
		tasks.push({ kind: 'text-loss', set: { language, texts } });
	}
	if (named.size === 0)
		notes.push(`${translationPaths.test}: there is no such file; no loss of English texts`);
	if (tasks.length === 0) throw namedError('BadInput', notes.join('\n'));
	return { tasks, notes };
}
