/** The evaluation tasks of the paper out of a folder of data files. */
import { namedError } from '../contract/errors.ts';
import type {
	EvaluationTask,
	FileTask,
	FileTaskChoice,
	FileTasks,
	NewLanguage,
} from '../contract/evaluation.ts';
import type { FolderFile } from '../contract/workers.ts';
import { type NamedTable, readTable } from '../data/table.ts';
import { readExam } from '../tasks/examFile.ts';
import { readSentiment } from '../tasks/sentimentFile.ts';
import { readTranslation } from '../tasks/translationFile.ts';
import { wordLanguages, wordSet } from '../tasks/words/languages.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList, type WordList } from '../tasks/words/wordList.ts';

const newLanguages = {
	javanese: { code: 'jv', exam: 'Bahasa Jawa' },
	sundanese: { code: 'su', exam: 'Bahasa Sunda' },
} as const;

/** Reads a file by its path within the folder; each once. */
interface Folder {
	has(path: string): boolean;
	read(path: string): Promise<NamedTable>;
}

/**
 * Tasks in the order of the choice, language by language. Rejects with `BadInput` naming the file that is missing, or
 * file, row and column of what cannot be read.
 */
export async function fileTasks(
	files: readonly FolderFile[],
	choice: FileTaskChoice,
): Promise<FileTasks> {
	const folder = openFolder(files);
	const tasks: EvaluationTask[] = [];
	const notes: string[] = [];
	for (const name of choice.tasks)
		for (const language of choice.languages) {
			const read = await readers[name](folder, language, choice);
			tasks.push(...read.tasks);
			notes.push(...read.notes);
		}
	return { tasks, notes: [...new Set(notes)] };
}

function openFolder(files: readonly FolderFile[]): Folder {
	const tables = new Map<string, NamedTable>();
	return {
		has: (path) => files.some((one) => one.path === path),
		async read(path) {
			const found = files.find((one) => one.path === path);
			if (!found) throw namedError('BadInput', `${path}: there is no such file in the data folder`);
			const known = tables.get(path);
			if (known) return known;
			const named = { table: await readTable(found.file, path), file: path };
			tables.set(path, named);
			return named;
		},
	};
}

type Reader = (folder: Folder, language: NewLanguage, choice: FileTaskChoice) => Promise<FileTasks>;

const readers: Record<FileTask, Reader> = {
	async words(folder, language, { rows, runs, seed }) {
		const { code } = newLanguages[language];
		const own = await wordListOf(folder, code);
		const notes: string[] = [];
		const tasks: EvaluationTask[] = [];
		for (const other of ['en', 'de', 'zh', 'ru', 'fr'] as const) {
			const path = wordPath(other);
			if (!folder.has(path)) {
				notes.push(`${path}: there is no such file; no words of ${wordLanguages[other].english}`);
				continue;
			}
			const list = readWordList(await folder.read(path));
			for (const set of [
				wordSet([code, own], [other, list]),
				wordSet([other, list], [code, own]),
			]) {
				const pairs = selected(set.pairs, rows, `words, ${set.subject}`);
				tasks.push({ kind: 'words', set: { ...set, pairs }, runs, seed });
			}
		}
		if (tasks.length === 0) throw namedError('BadInput', notes.join('\n'));
		return { tasks, notes };
	},

	async translation(folder, language, { rows, runs, seed }) {
		const train = await folder.read('nusax/mt/train.csv');
		const test = await folder.read('nusax/mt/test.csv');
		const directions = [
			['english', language],
			[language, 'english'],
		] as const;
		const tasks = directions.map((direction): EvaluationTask => {
			const set = readTranslation(direction, train, test);
			const asked = selected(set.test, rows, test.file);
			return { kind: 'translation', set: { ...set, test: asked }, runs, seed };
		});
		return { tasks, notes: [] };
	},

	async sentiment(folder, language, { rows, runs, seed }) {
		const train = await folder.read(`nusax/sentiment/${language}/train.csv`);
		const test = await folder.read(`nusax/sentiment/${language}/test.csv`);
		const set = readSentiment(language, train, test);
		const asked = selected(set.test, rows, test.file);
		return { tasks: [{ kind: 'sentiment', set: { ...set, test: asked }, runs, seed }], notes: [] };
	},

	async exam(folder, language, { rows, runs, seed }) {
		const { code, exam } = newLanguages[language];
		const whole = 'indommlu/IndoMMLU.csv';
		const others = ['indommlu/IndoMMLU.parquet', `indommlu/indommlu_subset_${code}.csv`];
		const path = [whole, ...others].find((one) => folder.has(one)) ?? whole;
		const named = await folder.read(path);
		const { set, skipped } = readExam(named, exam);
		const questions = selected(set.questions, rows, `${named.file}, ${set.subject}`);
		return {
			tasks: [{ kind: 'exam', set: { ...set, questions }, runs, seed }],
			notes: skipped,
		};
	},
};

const wordPath = (code: string): string => `wendler/langs/${code}/clean.csv`;

/** The folder's list of a new language, or else the lab's own. */
async function wordListOf(folder: Folder, code: 'jv' | 'su'): Promise<WordList> {
	const path = wordPath(code);
	return folder.has(path) ? readWordList(await folder.read(path)) : ownWordList(code);
}

/** Throws `BadInput` where no item is left. */
function selected<Item>(
	items: readonly Item[],
	rows: FileTaskChoice['rows'],
	what: string,
): readonly Item[] {
	const left = rows ? items.slice(...rows) : items;
	if (left.length > 0) return left;
	const range = rows ? ` in rows ${rows[0]}:${rows[1]}` : '';
	throw namedError('BadInput', `${what}: there is nothing to measure${range} of ${items.length}`);
}
