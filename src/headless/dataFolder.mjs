/** The data folder of `lab evaluate --tasks`: which files each task reads. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const codes = { javanese: 'jv', sundanese: 'su' };

const both = (folder) => ['train', 'test'].map((part) => `${folder}/${part}.csv`);

/** Paths within the folder. */
const reads = {
	words: (language) =>
		['en', 'de', 'zh', 'ru', 'fr', codes[language]].map(
			(code) => `wendler/langs/${code}/clean.csv`,
		),
	translation: () => both('nusax/mt'),
	sentiment: (language) => both(`nusax/sentiment/${language}`),
	exam: (language) =>
		['IndoMMLU.csv', 'IndoMMLU.parquet', `indommlu_subset_${codes[language]}.csv`].map(
			(name) => `indommlu/${name}`,
		),
	retention: () => [
		...['en', 'de', 'zh', 'ru', 'fr'].map((code) => `wendler/langs/${code}/clean.csv`),
		...['nusax/mt/test.csv', 'alpaca/alpaca_data.json', 'alpaca/alpaca_5000.json'],
	],
};

export const taskNames = Object.keys(reads);
export const languageNames = Object.keys(codes);

/** The files of these that are there, as `{path, full}`; whether they are enough is told where they are read. */
export function dataFiles(folder, tasks, languages) {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new Error(`${folder}: no such folder`);
	const paths = tasks.flatMap((task) => languages.flatMap((language) => reads[task](language)));
	return [...new Set(paths)]
		.map((path) => ({ path, full: resolve(join(folder, path)) }))
		.filter(({ full }) => statSync(full, { throwIfNoEntry: false })?.isFile());
}

/** For --help. */
export const layout = `
--data DIR is laid out as its publishers do:
  words        wendler/langs/{en,de,zh,ru,fr}/clean.csv, columns word_original (English) and word_translation (accepted
               forms, separated by ;); of the new languages {jv,su}/clean.csv, or else the list that comes with the lab
  translation  nusax/mt/{train,test}.csv, columns english, javanese, sundanese
  sentiment    nusax/sentiment/{javanese,sundanese}/{train,test}.csv, columns text and label
  exam         indommlu/IndoMMLU.csv, or else IndoMMLU.parquet or indommlu_subset_{jv,su}.csv there: columns subject,
               level, kelas, soal, jawaban, kunci and is_for_fewshot (without it the questions show one another)
  retention    words between English and the other languages of wendler/langs, column english of nusax/mt/test.csv and
               column output of alpaca/alpaca_data.json (or alpaca_5000.json): what the model keeps of what it knew
Each task is run --runs times with other examples. --json gives every answer with its exact prompt.`;
