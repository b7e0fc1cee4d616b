/** Which of the picked data files each task finds, and what is missing. Pure. */
import { knownCodes, matchingPath, taskPaths, wordPath } from '../contract/dataPaths.mjs';
import type { FileTask, NewLanguage } from '../contract/evaluation.ts';
import type { FolderFile } from '../contract/dataApi.ts';

export interface TaskFiles {
	readonly task: FileTask;
	/** Paths as the task calls them, each with the file that was picked for it. */
	readonly found: readonly FolderFile[];
	/** True if they are enough to measure something. */
	readonly usable: boolean;
	/** Paths that would help, where they are not enough. */
	readonly missing: readonly string[];
}

export const fileTaskNames: readonly FileTask[] = [
	...(['words', 'translation', 'sentiment', 'exam', 'retention'] as const),
];

const known = knownCodes.map(wordPath);

/** Words need a known language, questions one of their files, what is kept any of its own; the others all. */
function enough(task: FileTask, found: readonly string[], wanted: readonly string[]): boolean {
	if (task === 'words') return known.some((path) => found.includes(path));
	if (task === 'exam' || task === 'retention') return found.length > 0;
	return wanted.every((path) => found.includes(path));
}

export function taskFiles(
	task: FileTask,
	languages: readonly NewLanguage[],
	files: readonly FolderFile[],
): TaskFiles {
	const present = files.map(({ path }) => path);
	const perLanguage = languages.map((language) => {
		const wanted = [...new Set(taskPaths[task](language))];
		const found = wanted.flatMap((path): FolderFile[] => {
			const match = matchingPath(present, path);
			const file = files.find((one) => one.path === match)?.file;
			return file ? [{ path, file }] : [];
		});
		const paths = found.map(({ path }) => path);
		const missing = wanted.filter((path) => !paths.includes(path));
		return { found, missing, usable: enough(task, paths, wanted) };
	});
	const found = perLanguage.flatMap((one) => one.found);
	return {
		task,
		found: found.filter((one, index) => found.findIndex(({ path }) => path === one.path) === index),
		usable: perLanguage.length > 0 && perLanguage.every(({ usable }) => usable),
		missing: [...new Set(perLanguage.flatMap(({ missing, usable }) => (usable ? [] : missing)))],
	};
}

/** What was picked before with what is picked now; a file of the same path is replaced. */
export function joined(
	before: readonly FolderFile[],
	now: readonly FolderFile[],
): readonly FolderFile[] {
	return [...before.filter((old) => now.every(({ path }) => path !== old.path)), ...now];
}
