/** What is said, and kept, where results have no run, nothing in them, or no room. */
import { beforeEach, expect, test } from 'vitest';
import type { LabDatabase } from './database.ts';
import { addModel } from './models.ts';
import { originFiles } from './originTesting.ts';
import {
	readAnswers,
	readFinal,
	readResults,
	saveAnswers,
	saveFinal,
	saveMeasurement,
	saveResults,
} from './results.ts';
import { MARGIN, RESERVE } from './room.ts';
import { startRun } from './runs.ts';
import { aboutModel, environment, freshDatabase, metricRow, runSpec } from './testing.ts';

let db: LabDatabase;
let id: string;

beforeEach(async () => {
	originFiles();
	db = await freshDatabase();
	id = (await startRun(db, runSpec(), environment)).record.id;
});

const answer = (change: object = {}) => ({
	...{ task: 'words', subject: 'A to B', weights: 'base' as const, prompt: 'p', expected: 'x' },
	...{ given: 'y', right: false, ...change },
});

const saving: [string, (of: string) => Promise<void>][] = [
	['results', (of) => saveResults(db, of, [metricRow])],
	['answers', (of) => saveAnswers(db, of, [answer()])],
	[
		'measurements',
		(of) => saveMeasurement(db, of, { step: 0, rows: [metricRow], predictions: [] }),
	],
];

test.each(saving)('%s of a run that is not there are refused by its id', async (what, save) => {
	await expect(save('gone')).rejects.toMatchObject({
		name: 'NotFound',
		message: `No run gone is stored; its ${what} cannot be kept.`,
	});
});

test('rows of neither a run nor a model are refused', async () => {
	await expect(saveFinal(db, 'gone', 'tasks', [metricRow])).rejects.toMatchObject({
		name: 'NotFound',
		message: 'No run or model gone is stored; its results cannot be kept.',
	});
});

test('rows of an untrained model are kept with it, and are no results of a run', async () => {
	const files = [{ name: 'a', data: new Blob(['a']) }];
	const model = await addModel(db, aboutModel, files);
	await saveFinal(db, model.id, 'tasks', [metricRow]);
	expect(await readFinal(db, model.id, 'tasks')).toEqual([metricRow]);
	expect(await db.count('results')).toBe(0);
	await saveFinal(db, id, 'tasks', [metricRow]);
	expect(await readResults(db, id)).toEqual([metricRow]);
});

test.each<[string, (of: string) => Promise<void>]>([
	...saving,
	['results', (of) => saveFinal(db, of, 'tasks', [metricRow])],
])('%s that a full disk has no room for are named', async (what, save) => {
	originFiles(MARGIN / 2);
	await expect(save(id)).rejects.toMatchObject({
		name: 'QuotaExceeded',
		message: expect.stringMatching(`^No room to store ${what} of (run )?${id}: `) as string,
	});
});

test('what is large does not take what is kept free, what is small may', async () => {
	originFiles(RESERVE + 1000);
	const prompt = 'x'.repeat(1_000_001);
	const predictions = [answer({ prompt })];
	await expect(saveAnswers(db, id, predictions)).rejects.toThrow('1.0 MB are needed');
	await expect(saveMeasurement(db, id, { step: 0, rows: [], predictions })).rejects.toThrow(
		'1.0 MB are needed',
	);
	await saveAnswers(db, id, [answer()]);
	expect(await readAnswers(db, id)).toEqual([answer()]);
});

test('no answers replace none that are kept', async () => {
	await saveAnswers(db, id, [answer()]);
	await saveAnswers(db, id, []);
	expect(await readAnswers(db, id)).toEqual([answer()]);
});

test('answers of another task, subject or weights stand beside each other', async () => {
	const others = [{}, { task: 'facts' }, { subject: 'B to A' }, { weights: 'adapted' as const }];
	for (const other of others) await saveAnswers(db, id, [answer(other)]);
	expect(await readAnswers(db, id)).toHaveLength(4);
});
