/** An evaluation task out of tables of one's own. */
import { namedError } from '../contract/errors.ts';
import type { EvaluationTask, FileTasks, OwnTask, OwnTaskChoice } from '../contract/evaluation.ts';
import { type NamedTable, readTable } from '../data/table.ts';
import { readOwnExam } from '../tasks/ownExam.ts';
import { readSentiment } from '../tasks/sentimentFile.ts';
import { readTranslation } from '../tasks/translationFile.ts';
import { wordLanguages } from '../tasks/words/languages.ts';
import { readWordPairs } from '../tasks/words/wordList.ts';
import { drawsOf, selected } from './dataFolder.ts';

/** See `DataApi.ownTask`. */
export async function ownTask(
	train: File | null,
	test: File,
	choice: OwnTaskChoice,
): Promise<FileTasks> {
	const named = async (file: File): Promise<NamedTable> => ({
		table: await readTable(file),
		file: file.name,
	});
	const { kind } = choice.task;
	if (train === null && (kind === 'translation' || kind === 'sentiment'))
		throw namedError('BadInput', `${kind}: name a table of examples, too; they are shown`);
	const tables = { train: train && (await named(train)), test: await named(test) };
	return { tasks: tasksOf(choice, tables), notes: [] };
}

interface Tables {
	readonly train: NamedTable | null;
	readonly test: NamedTable;
}

function tasksOf(choice: OwnTaskChoice, { train, test }: Tables): EvaluationTask[] {
	const { task, rows } = choice;
	const asked = <Item>(items: readonly Item[]) => selected(items, rows, test.file);
	const draws = drawsOf(choice);
	switch (task.kind) {
		case 'words':
			return wordTasks(task, test, asked, choice);
		case 'translation':
			return bothWays(task.languages).map((languages): EvaluationTask => {
				const set = readTranslation(languages, train ?? test, test);
				return { kind: 'translation', set: { ...set, test: asked(set.test) }, ...draws };
			});
		case 'sentiment': {
			const set = readSentiment(task.language, train ?? test, test, task);
			return [{ kind: 'sentiment', set: { ...set, test: asked(set.test) }, ...draws }];
		}
		case 'exam': {
			const questions = asked(readOwnExam(test, task));
			const shots = train && readOwnExam(train, task);
			const { subject } = task;
			return [{ kind: 'exam', set: { subject, questions, shots }, ...draws }];
		}
	}
}

const bothWays = <Language>([one, other]: readonly [Language, Language]) =>
	[
		[one, other],
		[other, one],
	] as const;

function wordTasks(
	{ languages, english }: Extract<OwnTask, { kind: 'words' }>,
	test: NamedTable,
	asked: <Item>(items: readonly Item[]) => readonly Item[],
	choice: OwnTaskChoice,
): EvaluationTask[] {
	return bothWays(languages).map(([source, target]): EvaluationTask => {
		const pairs = readWordPairs(test, [source.column, target.column], english);
		const set = {
			...{ subject: `${source.name} to ${target.name}`, pairs: asked(pairs) },
			...{ sourceName: source.name, targetName: target.name },
			...{ sourceCode: codeOf(source, english), targetCode: codeOf(target, english) },
		};
		return { kind: 'words', set, ...drawsOf(choice) };
	});
}

/** English by the column that is said to be it, a known language by its own name, another by its column. */
function codeOf({ column, name }: { column: string; name: string }, english: string | null) {
	if (column === english) return 'en';
	const known = Object.entries(wordLanguages).find(([, { own }]) => own === name)?.[0];
	return known === undefined || known === 'en' ? column : known;
}
