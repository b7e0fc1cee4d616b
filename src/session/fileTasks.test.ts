import { existsSync, readFileSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { EvaluationTask, FileTaskChoice } from '../contract/evaluation.ts';
import { parseTable } from '../data/table.ts';
import { fileTasks } from './fileTasks.ts';

const words = (rows: string) => `word_original,word_translation\n${rows}`;
const sentiment = (labels: string) =>
	`text,label\n${Array.from(labels, (label, row) => `t${row},${label}\n`).join('')}`;
const exam =
	'subject,level,kelas,soal,jawaban,kunci,is_for_fewshot\n' +
	'Bahasa Jawa,SD,1,Q1,"A. a\nB. b",A,0\nBahasa Jawa,SD,2,Q2,"A. a\nB. b",X,0\n' +
	'Bahasa Jawa,SMP,7,S1,"A. a\nB. b",B,1\nBahasa Jawa,SD,3,S2,"A. a\nB. b",B,1\n';
const small: Record<string, string> = {
	'wendler/langs/en/clean.csv': words('sun,sun\nsand,sand\ntea,tea\n'),
	'wendler/langs/de/clean.csv': words('sun,Sonne\nsand,Sand\n'),
	'wendler/langs/jv/clean.csv': words('sun,srengenge; surya\nsand,wedhi\ntea,teh\n'),
	'nusax/mt/train.csv': 'english,javanese\none,siji\ntwo,loro\n',
	'nusax/mt/test.csv': 'english,javanese\nred,abang\nfire,geni\n',
	'nusax/sentiment/javanese/train.csv': sentiment('pnu'),
	'nusax/sentiment/javanese/test.csv': sentiment('unpp'),
	'indommlu/IndoMMLU.csv': exam,
};
const choice: FileTaskChoice = {
	tasks: ['words', 'translation', 'sentiment', 'exam'],
	languages: ['javanese'],
	rows: null,
	runs: 3,
	seed: 9,
};
const read = (contents: Record<string, string>, change: Partial<FileTaskChoice> = {}) =>
	fileTasks(
		Object.entries(contents).map(([path, text]) => ({ path, file: new File([text], 'x') })),
		{ ...choice, ...change },
	);
const setsOf = <Kind extends EvaluationTask['kind']>(
	tasks: readonly EvaluationTask[],
	kind: Kind,
) => tasks.filter((task): task is Extract<EvaluationTask, { kind: Kind }> => task.kind === kind);

test('makes the tasks of a language in both directions, and tells what is left out', async () => {
	const { tasks, notes } = await read(small);
	expect(setsOf(tasks, 'words').map(({ set }) => [set.subject, set.pairs.length])).toEqual([
		['Javanese to English', 3],
		['English to Javanese', 3],
		// "Sand" can be copied.
		['Javanese to German', 1],
		['German to Javanese', 2],
	]);
	expect(setsOf(tasks, 'words')[0]!.set.pairs[0]!.source).toEqual(['srengenge', 'surya']);
	const translations = setsOf(tasks, 'translation').map(({ set }) => set);
	expect(translations.map(({ subject }) => subject)).toEqual([
		'English to Javanese',
		'Javanese to English',
	]);
	expect(translations[1]).toMatchObject({
		...{ sourceName: 'Javanese', targetName: 'English' },
		train: [
			{ source: 'siji', target: 'one' },
			{ source: 'loro', target: 'two' },
		],
		test: [{ source: 'abang' }, { target: 'fire' }],
	});
	expect(setsOf(tasks, 'sentiment')[0]!.set).toMatchObject({ language: 'javanese' });
	const [asked] = setsOf(tasks, 'exam');
	expect(asked!.set.questions.map(({ question }) => question)).toEqual(['Q1']);
	expect(asked!.set.shots!.map(({ question }) => question)).toEqual(['S1', 'S2']);
	expect(tasks.every((task) => 'runs' in task && task.runs === 3 && task.seed === 9)).toBe(true);
	expect(notes).toEqual([
		...['zh', 'ru', 'fr'].map((code, index) => {
			const name = ['Chinese', 'Russian', 'French'][index]!;
			return `wendler/langs/${code}/clean.csv: there is no such file; no words of ${name}`;
		}),
		'indommlu/IndoMMLU.csv: 1 of 4 questions of Bahasa Jawa, SD skipped',
		'indommlu/IndoMMLU.csv: row 2, column "kunci": "X" is none of A, B; skipped',
	]);
});

test('takes the rows that are asked for', async () => {
	const some = await read(small, { tasks: ['translation'], rows: [1, 9] });
	for (const { set } of setsOf(some.tasks, 'translation')) expect(set.test).toHaveLength(1);
	await expect(read(small, { tasks: ['translation'], rows: [2, 9] })).rejects.toMatchObject({
		name: 'BadInput',
		message: 'nusax/mt/test.csv: there is nothing to measure in rows 2:9 of 2',
	});
});

test.each<[string, string, string]>([
	['nusax/mt/test.csv', 'english,java\na,b\n', 'there is no column "javanese"; it has "english"'],
	['nusax/mt/train.csv', 'english,javanese\na,b\nc,\n', 'row 2, column "javanese": the cell is'],
	[
		'nusax/mt/test.csv',
		'english,javanese\n"a,b\n',
		'row 1, column "english": Quoted field unterminated',
	],
	[
		'nusax/mt/test.csv',
		'english,javanese\na,b\0\n',
		'row 1, column "javanese": line 2, byte 4, is a NUL byte',
	],
	[
		'nusax/sentiment/javanese/test.csv',
		sentiment('pnux'),
		'row 4, column "label": "x" is no label of nusax/sentiment/javanese/train.csv, which has n, p, u',
	],
	[
		'nusax/sentiment/javanese/test.csv',
		sentiment('pn'),
		'column "label": no row is "u", a label of nusax/sentiment/javanese/train.csv (row 3 there)',
	],
	[
		'nusax/sentiment/javanese/test.csv',
		sentiment('pnu').replace('u', ''),
		'row 3, column "label": the cell is empty',
	],
	['wendler/langs/de/clean.csv', words('sun,\n'), 'row 1, column "word_translation": the cell is'],
	['indommlu/IndoMMLU.csv', exam.replace('jawaban', 'x'), 'there is no column "jawaban"'],
])('a bad %s is told with its place', async (path, text, problem) => {
	await expect(read({ ...small, [path]: text })).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringContaining(`${path}: ${problem}`) as string,
	});
});

test('a BOM, CRLF and quotes change nothing', async () => {
	const windows = Object.entries(small).map(([path, text]) => [
		path,
		`\ufeff${text.replace(/\n(?!B\.)/g, '\r\n')}`,
	]);
	expect(await read(Object.fromEntries(windows) as Record<string, string>)).toEqual(
		await read(small),
	);
});

test('what is kept is asked once: known words both ways and English texts', async () => {
	const files = { ...small, 'alpaca/alpaca_data.json': '[{"output":"Yes"},{"output":""}]' };
	const languages = ['javanese', 'sundanese'] as const;
	const { tasks, notes } = await read(files, { tasks: ['retention'], languages });
	expect(setsOf(tasks, 'words').map(({ set }) => [set.subject, set.pairs.length])).toEqual([
		['English to German', 1],
		['German to English', 2],
	]);
	expect(setsOf(tasks, 'text-loss').map(({ set }) => set)).toEqual([
		{ language: 'English, NusaX', texts: ['red', 'fire'] },
		{ language: 'English, Alpaca answers', texts: ['Yes'] },
	]);
	expect(notes).toHaveLength(3);
	await expect(read({}, { tasks: ['retention'] })).rejects.toThrow(/no loss of English texts/);
});

test('questions may be in a Parquet file, numbers and truths as such', async () => {
	const { rows } = parseTable(new TextEncoder().encode(exam), 'exam.csv');
	const texts = ['subject', 'level', 'soal', 'jawaban', 'kunci'];
	const column = (name: string) => rows.map((row) => row[name] as string);
	const bytes = parquetWriteBuffer({
		columnData: [
			...texts.map((name) => ({ name, data: column(name), type: 'STRING' as const })),
			{ name: 'kelas', data: column('kelas').map(Number), type: 'INT32' },
			{ name: 'is_for_fewshot', data: column('is_for_fewshot').map(BigInt), type: 'INT64' },
		],
	});
	const path = 'indommlu/IndoMMLU.parquet';
	const files = [{ path, file: new File([bytes], 'x') }];
	const found = await fileTasks(files, { ...choice, tasks: ['exam'] });
	const told = await read(small, { tasks: ['exam'] });
	expect(found.tasks).toEqual(told.tasks);
	expect(found.notes).toEqual([
		`${path}: 1 of 4 questions of Bahasa Jawa, SD skipped`,
		`${path}: row 2, column "kunci": "X" is none of A, B; skipped`,
	]);
});

test('names the file that is missing', async () => {
	await expect(read({}, { tasks: ['exam'] })).rejects.toThrow(
		'indommlu/IndoMMLU.csv: there is no such file in the data folder',
	);
	await expect(read({}, { tasks: ['words'] })).rejects.toThrow(/en\/clean\.csv: there is no such/);
});

const data = '../shared/data';
describe.skipIf(!existsSync(data))('real files', () => {
	test('make every task of both languages', async () => {
		const paths = [
			...['en', 'de', 'zh', 'ru', 'fr'].map((code) => `wendler/langs/${code}/clean.csv`),
			...['train', 'test'].map((part) => `nusax/mt/${part}.csv`),
			...['javanese', 'sundanese'].flatMap((language) =>
				['train', 'test'].map((part) => `nusax/sentiment/${language}/${part}.csv`),
			),
			...['jv', 'su'].map((code) => `indommlu/indommlu_subset_${code}.csv`),
		];
		const files = paths.map((path) => ({
			path,
			file: new File([readFileSync(`${data}/${path}`)], path),
		}));
		const languages = ['javanese', 'sundanese'] as const;
		const { tasks, notes } = await fileTasks(files, { ...choice, languages });
		expect(notes).toEqual([]);
		const pairs = setsOf(tasks, 'words').map(({ set }) => set.pairs.length);
		expect(pairs).toHaveLength(20);
		expect(Math.min(...pairs)).toBeGreaterThan(90);
		expect(setsOf(tasks, 'translation').map(({ set }) => set.test.length)).toEqual([
			400, 400, 400, 400,
		]);
		expect(setsOf(tasks, 'sentiment').map(({ set }) => set.test.length)).toEqual([400, 400]);
		expect(setsOf(tasks, 'exam').map(({ set }) => set.questions.length)).toEqual([17, 25]);
	});
});
