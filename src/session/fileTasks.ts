/** The evaluation tasks of the paper out of a folder of data files. */
import {
	examPaths,
	knownCodes,
	languageCodes,
	sentimentPaths,
	translationPaths,
	wordPath,
} from '../contract/dataPaths.mjs';
import { namedError } from '../contract/errors.ts';
import type {
	EvaluationTask,
	FileTask,
	FileTaskChoice,
	FileTasks,
	NewLanguage,
} from '../contract/evaluation.ts';
import type { FolderFile } from '../contract/dataApi.ts';
import { readExam } from '../tasks/examFile.ts';
import { readSentiment } from '../tasks/sentimentFile.ts';
import { readTranslation } from '../tasks/translationFile.ts';
import { wordLanguages, wordSet } from '../tasks/words/languages.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList, type WordList } from '../tasks/words/wordList.ts';
import { drawsOf, type Folder, openFolder, selected } from './dataFolder.ts';
import { readRetention } from './retention.ts';

/** What IndoMMLU calls them. */
const examSubjects = { javanese: 'Bahasa Jawa', sundanese: 'Bahasa Sunda' };

/** What prompts call them. */
const promptNames = { english: 'English', javanese: 'Javanese', sundanese: 'Sundanese' };

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
		// What is kept of known languages is the same whatever language is new.
		for (const language of choice.languages.slice(0, name === 'retention' ? 1 : undefined)) {
			const read = await readers[name](folder, language, choice);
			tasks.push(...read.tasks);
			notes.push(...read.notes);
		}
	return { tasks, notes: [...new Set(notes)] };
}

type Reader = (folder: Folder, language: NewLanguage, choice: FileTaskChoice) => Promise<FileTasks>;

const readers: Record<FileTask, Reader> = {
	retention: (folder, _language, choice) => readRetention(folder, choice),

	async words(folder, language, choice) {
		const code = languageCodes[language];
		const own = await wordListOf(folder, code);
		const notes: string[] = [];
		const tasks: EvaluationTask[] = [];
		for (const other of knownCodes) {
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
				const pairs = selected(set.pairs, choice.rows, `words, ${set.subject}`);
				tasks.push({ kind: 'words', set: { ...set, pairs }, ...drawsOf(choice) });
			}
		}
		if (tasks.length === 0) throw namedError('BadInput', notes.join('\n'));
		return { tasks, notes };
	},

	async translation(folder, language, choice) {
		const train = await folder.read(translationPaths.train);
		const test = await folder.read(translationPaths.test);
		const column = (name: keyof typeof promptNames) => ({ column: name, name: promptNames[name] });
		const directions = [
			[column('english'), column(language)],
			[column(language), column('english')],
		] as const;
		const tasks = directions.map((direction): EvaluationTask => {
			const set = readTranslation(direction, train, test);
			const asked = selected(set.test, choice.rows, test.file);
			return { kind: 'translation', set: { ...set, test: asked }, ...drawsOf(choice) };
		});
		return { tasks, notes: [] };
	},

	async sentiment(folder, language, choice) {
		const paths = sentimentPaths(language);
		const [train, test] = [await folder.read(paths.train), await folder.read(paths.test)];
		const set = readSentiment(language, train, test);
		const asked = selected(set.test, choice.rows, test.file);
		const task = { kind: 'sentiment', set: { ...set, test: asked }, ...drawsOf(choice) } as const;
		return { tasks: [task], notes: [] };
	},

	async exam(folder, language, choice) {
		const paths = examPaths(language);
		const named = await folder.read(paths.find((one) => folder.has(one)) ?? paths[0]);
		const { set, skipped } = readExam(named, examSubjects[language]);
		const questions = selected(set.questions, choice.rows, `${named.file}, ${set.subject}`);
		const task = { kind: 'exam', set: { ...set, questions }, ...drawsOf(choice) } as const;
		const found = set.questions.length + (set.shots?.length ?? 0) + skipped.length;
		const counted = `${named.file}: ${skipped.length} of ${found} questions of ${set.subject} skipped`;
		return { tasks: [task], notes: skipped.length > 0 ? [counted, ...skipped] : [] };
	},
};

/** The folder's list of a new language, or else the lab's own. */
async function wordListOf(folder: Folder, code: 'jv' | 'su'): Promise<WordList> {
	const path = wordPath(code);
	return folder.has(path) ? readWordList(await folder.read(path)) : ownWordList(code);
}
