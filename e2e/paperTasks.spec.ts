/** The paper's tasks on the command line. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import Papa from 'papaparse';
import { lab } from './fixtures/lab.ts';
import { hasShared, shared, storiesModel } from './fixtures/shared.ts';

interface Evaluated {
	readonly results: {
		readonly task: string;
		readonly subject: string;
		readonly metric: string;
		readonly mean: number;
		readonly sd: number | null;
		readonly runs: number;
		readonly count: number;
	}[];
	readonly predictions: {
		readonly task: string;
		readonly subject: string;
		readonly prompt: string;
		readonly given: string;
		readonly right: boolean;
		readonly run: number;
	}[];
	readonly notes: string[];
	readonly lens: unknown[];
}

const evaluate = (folder: string, ...options: string[]) =>
	lab(
		...['evaluate', '--model', storiesModel, '--data', folder, '--languages', 'javanese'],
		...['--backend', 'wasm', '--json', ...options],
	);

test('help says what the data folder holds', async () => {
	const { stdout } = await lab('evaluate', '--help');
	expect(stdout).toContain('nusax/mt/{train,test}.csv');
});

test.describe('with real material', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	test('tables of one’s own are asked with their own examples; the file has every exact prompt', async () => {
		const path = (name: string) => test.info().outputPath(name);
		const header = 'soal,satu,dua,kunci';
		writeFileSync(path('conto.csv'), `${header}\nKucing iku?,kewan,watu,A\n`);
		writeFileSync(
			path('uji.csv'),
			`${header}\nGeni iku?,adhem,panas,B\nBanyu iku?,teles,garing,A\n`,
		);
		const answer = await lab(
			...['evaluate', '--model', storiesModel, '--backend', 'wasm', '--json', '--tasks', 'exam'],
			...['--test', path('uji.csv'), '--train', path('conto.csv'), '--shots', '1', '--runs', '2'],
			...['--columns', header, '--names', 'Basa Jawa', '--predictions', path('answers.csv')],
		);
		expect(answer.code, answer.stderr).toBe(0);
		const { results } = JSON.parse(answer.stdout) as Evaluated;
		expect(results).toMatchObject([{ task: 'exam', subject: 'Basa Jawa', runs: 2, count: 2 }]);
		const block = (question: string, one: string, other: string) =>
			'Ini adalah soal Basa Jawa. Pilihlah salah satu jawaban yang dianggap benar!\n\n' +
			`${question}\nA. ${one}\nB. ${other}\n\nJawaban:`;
		const shown = `${block('Kucing iku?', 'kewan', 'watu')} A\n\n`;
		const prompts = [block('Geni iku?', 'adhem', 'panas'), block('Banyu iku?', 'teles', 'garing')];
		const csv = readFileSync(path('answers.csv'), 'utf8');
		const { data } = Papa.parse<object>(csv, { header: true, skipEmptyLines: true });
		const about = { task: 'exam', subject: 'Basa Jawa', weights: 'base' };
		const letter = expect.stringMatching(/^[AB]$/) as unknown;
		expect(data).toMatchObject(
			[0, 1].flatMap((run) =>
				prompts.map((prompt, index) => ({
					...{ ...about, run: String(run), expected: 'BA'[index], given: letter },
					prompt: shown + prompt,
				})),
			),
		);
	});

	test('every task runs, with every answer and the share of right ones', async () => {
		const file = test.info().outputPath('answers.jsonl');
		const answer = await evaluate(
			shared('data'),
			...['--tasks', 'words,translation,sentiment,exam', '--rows', '0:5', '--runs', '2'],
			...['--lens', '--predictions', file],
		);
		expect(answer.code, answer.stderr).toBe(0);
		expect(answer.stderr).toMatch(/^\d+ of \d+ Lens, .*, \d+ min left$/m);
		const { results, predictions, notes, lens } = JSON.parse(answer.stdout) as Evaluated;
		expect(lens).toHaveLength(10);
		const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
		expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(predictions);
		expect(notes).toEqual([expect.stringContaining('without COMET')]);
		const subjects = (task: string) => [
			...new Set(results.filter((row) => row.task === task).map(({ subject }) => subject)),
		];
		expect(subjects('words')).toHaveLength(10);
		expect(subjects('translation')).toEqual(['English to Javanese', 'Javanese to English']);
		expect(subjects('sentiment')).toEqual(['javanese']);
		expect(subjects('exam')).toEqual(['Bahasa Jawa, SD']);
		expect(predictions).toHaveLength((10 + 2 + 1 + 1) * 5 * 2);
		for (const row of results) {
			expect(row).toMatchObject({ runs: 2 });
			const own = predictions.filter(
				({ task, subject }) => task === row.task && subject === row.subject,
			);
			expect(own.map(({ run }) => run)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
			if (row.metric !== 'exact-match' && row.metric !== 'accuracy') continue;
			const [a, b] = [0, 1].map(
				(run) => own.filter((one) => one.run === run && one.right).length / 5,
			) as [number, number];
			expect(row.mean).toBeCloseTo((a + b) / 2, 12);
			expect(row.sd).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
		}
		for (const { prompt } of predictions.filter(({ task }) => task === 'words'))
			expect(prompt).toMatch(/^(.+: ".+" - .+: ".+"\n){4}.+: ".+" - .+: "$/);
	});

	test('what the model knew before is measured: words of other languages, loss of English texts', async () => {
		const answer = await evaluate(
			shared('data'),
			...['--tasks', 'retention', '--rows', '0:5', '--runs', '1'],
		);
		expect(answer.code, answer.stderr).toBe(0);
		const { results, notes } = JSON.parse(answer.stdout) as Evaluated;
		expect(notes).toEqual([]);
		const subjects = (task: string) => [
			...new Set(results.filter((row) => row.task === task).map(({ subject }) => subject)),
		];
		expect(subjects('words')).toEqual(
			['German', 'Chinese', 'Russian', 'French'].flatMap((language) => [
				`English to ${language}`,
				`${language} to English`,
			]),
		);
		expect(subjects('loss')).toEqual(['English, NusaX', 'English, Alpaca answers']);
		for (const row of results.filter(({ task }) => task === 'loss')) {
			expect(row).toMatchObject({ metric: 'loss-per-token', runs: 1 });
			// A model of English stories is far better at English than chance among its 512 tokens.
			expect(row.mean).toBeGreaterThan(1);
			expect(row.mean).toBeLessThan(Math.log(512) - 1);
		}
	});

	test('a bad file is told with row and column before anything is measured', async () => {
		const folder = test.info().outputPath('data');
		const within = 'nusax/sentiment/javanese';
		mkdirSync(`${folder}/${within}`, { recursive: true });
		for (const part of ['train', 'test']) {
			const text = readFileSync(shared(`data/${within}/${part}.csv`), 'utf8');
			const changed = part === 'test' ? text.replace(',neutral\n', ',netral\n') : text;
			writeFileSync(`${folder}/${within}/${part}.csv`, changed);
		}
		const answer = await evaluate(folder, '--tasks', 'sentiment');
		expect(answer.code).toBe(1);
		expect(answer.stderr).toContain(
			`${within}/test.csv: row 2, column "label": "netral" is no label of ${within}/train.csv`,
		);
	});
});
