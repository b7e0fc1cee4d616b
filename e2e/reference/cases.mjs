/**
 * A few items of each task of the paper and their prompts, written down apart from the lab's own code: rows are counted
 * from 0 as they stand in the files, and what each seed shows is fixed here.
 */
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';

const rowsOf = (path) =>
	Papa.parse(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'), {
		header: true,
		skipEmptyLines: true,
	}).data;

/** Rows of a file by their numbers. */
const pick = (path, numbers) => {
	const rows = rowsOf(path);
	return numbers.map((number) => rows[number]);
};

/** Sundanese to German, the first pairs that both lists have and that do not show the English word. */
function words(data) {
	const from = rowsOf('src/tasks/words/sundanese.csv');
	const to = new Map(
		rowsOf(`${data}/wendler/langs/de/clean.csv`).map((row) => [
			row.word_original,
			row.word_translation,
		]),
	);
	const pairs = from
		.map(({ word_original: english, word_translation: source }) => ({
			english,
			source: source.split(';')[0].trim(),
			target: to
				.get(english)
				?.split(';')
				.map((form) => form.trim()),
		}))
		.filter(({ english, target }) =>
			target?.every((form) => !form.toLowerCase().includes(english.toLowerCase())),
		)
		.slice(0, 8);
	const shots = [
		...[
			[7, 3, 6, 4],
			[7, 4, 6, 5],
			[3, 5, 7, 6],
			[2, 7, 0, 6],
		],
		...[
			[6, 7, 0, 2],
			[1, 2, 3, 6],
			[2, 4, 3, 0],
			[4, 5, 0, 3],
		],
	];
	const line = ({ source, target }) => `Basa Sunda: "${source}" - Deutsch: "${target[0]}"\n`;
	const question = ({ source }) => `Basa Sunda: "${source}" - Deutsch: "`;
	return {
		setting: { pairs: pairs.length, seed: 1, runs: 1 },
		runs: [
			pairs.map((pair, index) => ({
				...pair,
				prompt: shots[index].map((shot) => line(pairs[shot])).join('') + question(pair),
			})),
		],
	};
}

function translation(data) {
	const setting = { pool: [342, 366, 352, 66], asked: [255, 31], seed: 2, runs: 1 };
	const pool = pick(`${data}/nusax/mt/train.csv`, setting.pool);
	const asked = pick(`${data}/nusax/mt/test.csv`, setting.asked);
	const shown = [3, 1]
		.map((shot) => `English: ${pool[shot].english}\nJavanese: ${pool[shot].javanese}\n\n`)
		.join('');
	const items = asked.map(({ english, javanese }) => ({
		expected: javanese,
		prompt: `${shown}English: ${english}\nJavanese:`,
	}));
	return { setting, runs: [items] };
}

function sentiment(data) {
	const setting = {
		...{ pool: [2, 4, 5, 8, 30, 44], asked: [1, 7, 12, 18, 31, 49] },
		...{ labels: ['negative', 'neutral', 'positive'], seed: 0, runs: 2 },
	};
	const folder = `${data}/nusax/sentiment/javanese`;
	const pool = pick(`${folder}/train.csv`, setting.pool);
	const asked = pick(`${folder}/test.csv`, setting.asked);
	const draws = [
		[3, 0, 1],
		[0, 5, 1],
	];
	const runs = draws.map((shots) => {
		const shown = shots
			.map((shot) => `Text: ${pool[shot].text}\nSentiment: ${pool[shot].label}\n\n`)
			.join('');
		return asked.map(({ text, label }) => ({
			expected: label,
			prompt: `${shown}Text: ${text}\nSentiment:`,
		}));
	});
	return { setting, runs };
}

/** The questions show one another. */
function exam(data) {
	const setting = { asked: [6, 8, 20, 31, 34], letters: ['A', 'B', 'C'], seed: 0, runs: 2 };
	const asked = pick(`${data}/indommlu/indommlu_subset_su.csv`, setting.asked);
	const question = ({ subject, kelas, level, soal, jawaban }) =>
		`Ini adalah soal ${subject} untuk ${kelas} ${level}. Pilihlah salah satu jawaban yang dianggap benar!\n\n` +
		`${soal.trim()}\n${jawaban.trim()}\n\nJawaban:`;
	const draws = [
		[
			[4, 3],
			[3, 0],
			[4, 0],
			[0, 1],
			[0, 3],
		],
		[
			[2, 4],
			[2, 3],
			[3, 4],
			[1, 4],
			[1, 3],
		],
	];
	const runs = draws.map((shots) =>
		asked.map((row, index) => ({
			expected: row.kunci,
			prompt:
				shots[index].map((shot) => `${question(asked[shot])} ${asked[shot].kunci}\n\n`).join('') +
				question(row),
		})),
	);
	return { setting, runs };
}

export const readCases = (data) => ({
	words: words(data),
	translation: translation(data),
	sentiment: sentiment(data),
	exam: exam(data),
});
