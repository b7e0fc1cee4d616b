/** The data folder of `lab evaluate --tasks`: which files each task reads. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { languageCodes, matchingPath, taskPaths } from '../contract/dataPaths.mjs';

export const taskNames = Object.keys(taskPaths);
export const languageNames = Object.keys(languageCodes);

/** How deep below the data folder its files may lie. */
const depth = 5;

/** Paths within the folder; hidden ones and what packages install are left out. */
function pathsIn(folder, within = '', left = depth) {
	return readdirSync(join(folder, within), { withFileTypes: true }).flatMap((entry) => {
		const path = within + entry.name;
		if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
		if (entry.isDirectory()) return left > 0 ? pathsIn(folder, `${path}/`, left - 1) : [];
		return [path];
	});
}

/** The files that the tasks may read and that are there, as `{path, full}`; whether they are enough is told where they are read. */
export function dataFiles(folder, tasks, languages) {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new Error(`${folder}: no such folder`);
	const present = pathsIn(folder);
	const wanted = tasks.flatMap((task) => languages.flatMap((name) => taskPaths[task](name)));
	return [...new Set(wanted)].flatMap((path) => {
		const found = matchingPath(present, path);
		return found === undefined ? [] : [{ path, full: resolve(join(folder, found)) }];
	});
}

/** For --help. */
export const layout = `
--data DIR is laid out as its publishers do (clones of their repositories in it will do, too):
  words        wendler/langs/{en,de,zh,ru,fr}/clean.csv, columns word_original (English) and word_translation (accepted
               forms, separated by ;); of the new languages {jv,su}/clean.csv, or else the list that comes with the lab
  translation  nusax/mt/{train,test}.csv, columns english, javanese, sundanese
  sentiment    nusax/sentiment/{javanese,sundanese}/{train,test}.csv, columns text and label
  exam         indommlu/IndoMMLU.csv, or else IndoMMLU.parquet or indommlu_subset_{jv,su}.csv there: columns subject,
               level, kelas, soal, jawaban, kunci and is_for_fewshot (without it the questions show one another)
  retention    words between English and the other languages of wendler/langs, column english of nusax/mt/test.csv and
               column output of alpaca/alpaca_data.json (or alpaca_5000.json): what the model keeps of what it knew
Each task is run --runs times with other examples. --json gives every answer with its exact prompt.`;
