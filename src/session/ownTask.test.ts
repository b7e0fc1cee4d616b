import { expect, test } from 'vitest';
import type { OwnTask, OwnTaskChoice } from '../contract/evaluation.ts';
import { ownTask } from './ownTask.ts';

const draws = { rows: null, runs: 2, seed: 7 };
const read = (
	task: OwnTask,
	test: string,
	train: string | null = null,
	change: Partial<OwnTaskChoice> = {},
) =>
	ownTask(train === null ? null : new File([train], 'train.csv'), new File([test], 'test.csv'), {
		...{ task, ...draws, ...change },
	});
const jawa = { column: 'jawa', name: 'Basa Jawa' };
const inggris = { column: 'inggris', name: 'English' };

test('words of two columns, both ways, what could be copied left out', async () => {
	const table = 'jawa,inggris\nbanyu,water\nradio; rad,radio\nomah; griya,house\n';
	const task = { kind: 'words', languages: [jawa, inggris], english: 'inggris' } as const;
	const { tasks } = await read(task, table, null, { shots: 1 });
	expect(tasks).toMatchObject([
		{
			...{ kind: 'words', runs: 2, seed: 7, shots: 1 },
			set: {
				...{ subject: 'Basa Jawa to English', sourceName: 'Basa Jawa', targetName: 'English' },
				...{ sourceCode: 'jv', targetCode: 'en' },
				pairs: [
					{ english: 'water', source: ['banyu'], target: ['water'] },
					{ english: 'radio', source: ['radio', 'rad'], target: ['radio'] },
					{ english: 'house', source: ['omah', 'griya'], target: ['house'] },
				],
			},
		},
		{ set: { targetCode: 'jv', pairs: [{ english: 'water' }, { english: 'house' }] } },
	]);
	const unknown = await read({ ...task, english: null }, 'jawa,inggris\nbanyu,water\n');
	expect(unknown.tasks[0]).toMatchObject({
		set: { targetCode: 'inggris', pairs: [{ english: null }] },
	});
});

test('sentences, sentiment and questions by their columns', async () => {
	const sentences = { kind: 'translation', languages: [jawa, inggris] } as const;
	const { tasks } = await read(sentences, 'inggris,jawa\nred,abang\n', 'jawa,inggris\nsiji,one\n');
	expect(tasks).toMatchObject([
		{ set: { train: [{ source: 'siji' }], test: [{ source: 'abang', target: 'red' }] } },
		{ set: { subject: 'English to Basa Jawa', test: [{ source: 'red', target: 'abang' }] } },
	]);
	const mood = { kind: 'sentiment', language: 'x', text: 'teks', label: 'kelas' } as const;
	const [sentiment] = (await read(mood, 'teks,kelas\na,p\nb,n\n', 'kelas,teks\nn,c\np,d\n')).tasks;
	expect(sentiment).toMatchObject({
		set: { language: 'x', test: [{ text: 'a', label: 'p' }, {}], train: [{ text: 'c' }, {}] },
	});
	const exam = { kind: 'exam', subject: 'Basa', question: 'q', key: 'k' } as const;
	const wide = await read({ ...exam, options: ['a', 'b', 'c'] }, 'q,a,b,c,k\nQ?,x,y,,b\n');
	expect(wide.tasks).toMatchObject([
		{
			set: {
				...{ subject: 'Basa', shots: null },
				questions: [{ options: 'A. x\nB. y', letters: ['A', 'B'], key: 'B', level: '' }],
			},
		},
	]);
	const narrow = await read({ ...exam, options: ['o'] }, 'q,o,k\nQ?,"A. x\nB. y",A\n');
	expect(narrow.tasks[0]).toMatchObject({ set: { questions: [{ options: 'A. x\nB. y' }] } });
});

const words: OwnTask = { kind: 'words', languages: [jawa, inggris], english: null };
const exam: OwnTask = { kind: 'exam', subject: 'x', question: 'q', options: ['a', 'b'], key: 'k' };
test.each<[OwnTask, string, string]>([
	[words, 'jawa,x\na,b\n', 'test.csv: there is no column "inggris"'],
	[words, 'jawa,inggris\na;,b\n', 'test.csv: row 1, column "jawa": one of the forms of "a;"'],
	[exam, 'q,a,b,k\nQ,x,y,C\n', 'test.csv: row 1, column "k": "C" is none of A, B'],
	[exam, 'q,a,b,k\nQ,,y,B\n', 'test.csv: row 1, column "a": the cell is empty'],
	[exam, 'q,a,b,k\nQ,x,,A\n', 'test.csv: row 1, column "a": a question needs two options'],
	[
		{ ...exam, options: ['a'] },
		'q,a,k\nQ,"A. x\nC. y",A\n',
		'test.csv: row 1, column "a": the options do not run',
	],
	[
		{ kind: 'sentiment', language: 'x', text: 't', label: 'l' },
		't,l\na,b\n',
		'sentiment: name a table of examples',
	],
])('%o: what is wrong is told with its place', async (task, table, message) => {
	await expect(read(task, table)).rejects.toMatchObject({
		...{ name: 'BadInput', message: expect.stringContaining(message) as string },
	});
});
