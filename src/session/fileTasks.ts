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
import { readExam } from '../tasks/examFile.ts';
import { readSentiment } from '../tasks/sentimentFile.ts';
import { readTranslation } from '../tasks/translationFile.ts';
import { wordLanguages, wordSet } from '../tasks/words/languages.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList, type WordList } from '../tasks/words/wordList.ts';
import { type Folder, openFolder, selected, wordPath } from './dataFolder.ts';
import { readRetention } from './retention.ts';

const newLanguages = {
	javanese: { code: 'jv', exam: 'Bahasa Jawa' },
	sundanese: { code: 'su', exam: 'Bahasa Sunda' },
} as const;

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

/** The folder's list of a new language, or else the lab's own. */
async function wordListOf(folder: Folder, code: 'jv' | 'su'): Promise<WordList> {
	const path = wordPath(code);
	return folder.has(path) ? readWordList(await folder.read(path)) : ownWordList(code);
}
