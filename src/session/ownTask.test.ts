import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OwnTask, OwnTaskChoice } from '../contract/evaluation.ts';
import { createTokenizer } from '../data/tokenizer.ts';
import { checkTasks } from '../tasks/checkTasks.ts';
import { shotsBefore } from '../tasks/sentiment.ts';
import { createPromptFitter } from '../tasks/sentimentPrompt.ts';
import { translationPrompts } from '../tasks/translation.ts';
import { wordPrompts } from '../tasks/words/words.ts';
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

const cases = '../shared/cases/evaluation';
describe.skipIf(!existsSync(cases))('tables in which items are known from elsewhere', () => {
	const text = (name: string) => readFileSync(`${cases}/${name}`, 'utf8');
	const english = { column: 'english', name: 'English' };
	const javanese = { column: 'javanese', name: 'Javanese' };

	test('sentences that are both shown and asked never stand before themselves', async () => {
		const task = { kind: 'translation', languages: [english, javanese] } as const;
		const { tasks } = await read(task, text('mt-same.csv'), text('mt-same.csv'));
		expect(tasks).toHaveLength(2);
		for (const one of tasks) {
			if (one.kind !== 'translation') throw new Error('another task');
			for (let seed = 0; seed < 20; seed++)
				for (const [index, { prompt }] of translationPrompts(one.set, seed).entries()) {
					const { source, target } = one.set.test[index]!;
					expect(prompt.split(source)).toHaveLength(2);
					expect(prompt).not.toContain(target);
				}
		}
		expect(() => checkTasks({ tasks: [{ ...tasks[0]!, shots: 3 } as never], notes: [] })).toThrow(
			/item 1 has 2 examples other than itself/,
		);
	});

	test('a word that is there twice is not shown with its translation', async () => {
		const languages = [
			{ column: 'jv', name: 'Basa Jawa' },
			{ column: 'en', name: 'English' },
		] as const;
		const { tasks } = await read(
			{ kind: 'words', languages, english: null },
			text('words-dup.csv'),
		);
		for (const one of checkTasks({ tasks, notes: [] }).tasks) {
			if (one.kind !== 'words') throw new Error('another task');
			for (let seed = 0; seed < 20; seed++)
				for (const [index, { prompt }] of wordPrompts(one.set, seed).entries())
					expect(prompt.split(`"${one.set.pairs[index]!.source[0]}"`)).toHaveLength(2);
		}
	});

	test('labels of which one begins another are scored to the end, with a real tokenizer', async () => {
		const folder = '../shared/data/models/stories260K';
		const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as unknown;
		const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
		const task = { kind: 'sentiment', language: 'x', text: 'text', label: 'label' } as const;
		const { tasks } = await read(task, text('prefix-test.csv'), text('prefix-train.csv'));
		const [one] = tasks;
		if (one?.kind !== 'sentiment') throw new Error('another task');
		const labels = ['bad', 'good', 'good enough'];
		const { item } = createPromptFitter(tokenizer, labels, 512)([], 'A text');
		expect(item.options.map((ids) => tokenizer.decode(ids))).toEqual(
			labels.map((label) => `${label}\n\n`),
		);
		const plain = createPromptFitter(tokenizer, ['bad', 'good'], 512)([], 'A text').item;
		expect(plain.options.map((ids) => tokenizer.decode(ids))).toEqual(['bad', 'good']);
		for (let seed = 0; seed < 20; seed++) {
			const shots = shotsBefore(one.set.train, labels, seed, 1);
			for (const example of one.set.test)
				expect(shots(example.text).map((shot) => shot.text)).not.toContain(example.text);
		}
	});
});
