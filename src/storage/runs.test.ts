import { expect, test, vi } from 'vitest';
import { newestCheckpoint, saveCheckpoint } from './checkpoints.ts';
import { runId } from '../contract/runId.ts';
import { holdRun } from './locks.ts';
import { originFiles } from './originTesting.ts';
import {
	forgetFinals,
	measuredSteps,
	readAnswers,
	readFinal,
	saveAnswers,
	saveFinal,
	saveMeasurement,
	saveResults,
} from './results.ts';
import { deleteRun, listRuns, readRun, startRun, stepsAfter, updateRun } from './runs.ts';
import {
	environment,
	freshDatabase,
	metricRow,
	runSpec,
	someTensors,
	stepEvents,
	putMetrics,
} from './testing.ts';

test('the id of a run depends on its spec, not on the order of its keys', async () => {
	const { model, ...rest } = runSpec();
	expect(await runId({ ...rest, model })).toBe(await runId(runSpec()));
	expect(await runId(runSpec({ seed: 2 }))).not.toBe(await runId(runSpec()));
	expect(await runId(runSpec())).toMatch(/^[0-9a-f]{16,}$/);
});

test('resuming drops exactly the metrics past the checkpoint', async () => {
	const db = await freshDatabase();
	const { record, checkpoint } = await startRun(db, runSpec(), environment);
	expect(checkpoint).toBeNull();
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	await putMetrics(db, other, stepEvents(0, 25));
	await putMetrics(db, record.id, stepEvents(0, 12));
	await saveCheckpoint(
		db,
		{ runId: record.id, step: 20, metrics: stepEvents(12, 20) },
		someTensors(1),
	);
	await putMetrics(db, record.id, stepEvents(20, 23));
	await updateRun(db, record.id, { status: 'failed', error: 'device lost' });
	expect((await readRun(db, record.id)).record.steps).toBe(23);

	const resumed = await startRun(db, runSpec(), environment);
	expect(resumed.checkpoint).toEqual(await newestCheckpoint(db, record.id));
	expect(resumed.record).toMatchObject({ status: 'running', steps: 20, checkpointStep: 20 });
	expect(resumed.record).toMatchObject({ error: null, startedAt: record.startedAt });
	expect((await readRun(db, record.id)).metrics).toEqual(stepEvents(0, 20));
	expect((await readRun(db, other)).metrics).toHaveLength(25);
});

test('a run that an earlier version stored without its devices is read and goes on', async () => {
	const db = await freshDatabase();
	const { record } = await startRun(db, runSpec(), environment);
	await saveCheckpoint(db, { runId: record.id, step: 20, metrics: [] }, someTensors(1));
	const { earlier, ...old } = (await db.get('runs', record.id))!;
	expect(earlier).toEqual([]);
	await db.put('runs', old as typeof record);
	expect((await readRun(db, record.id)).record.earlier).toEqual([]);
	expect((await listRuns(db))[0]!.earlier).toEqual([]);
	expect((await updateRun(db, record.id, { status: 'paused' })).earlier).toEqual([]);

	await db.put('runs', old as typeof record);
	const elsewhere = { ...environment, adapter: '8 threads' };
	const resumed = await startRun(db, runSpec(), elsewhere);
	expect(resumed.record.earlier).toEqual([{ untilStep: 20, environment }]);
});

test('without a checkpoint a run starts over', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	await putMetrics(db, id, stepEvents(0, 3));
	// Elsewhere, which is of no account: nothing is kept of what was done before.
	await startRun(db, runSpec(), { ...environment, adapter: '8 threads' });
	const began = { steps: 0, earlier: [] };
	expect(await readRun(db, id)).toMatchObject({ record: began, metrics: [] });
});

test('a run whose page died is listed as paused, one that trains as running', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	expect((await listRuns(db))[0]).toMatchObject({ id, status: 'paused' });
	await holdRun(id, async () => {
		expect((await readRun(db, id)).record.status).toBe('running');
		await expect(holdRun(id, () => Promise.resolve())).rejects.toMatchObject({ name: 'Busy' });
		await expect(deleteRun(db, id)).rejects.toMatchObject({ name: 'Busy' });
	});
	await updateRun(db, id, { status: 'finished' });
	expect((await listRuns(db))[0]).toMatchObject({ status: 'finished' });
});

test('results replace what was measured before, and go with their run', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	await saveResults(db, id, [metricRow, { ...metricRow, weights: 'base', mean: 6 }]);
	await saveResults(db, id, [{ ...metricRow, mean: 2.2 }]);
	expect((await readRun(db, id)).results.map((row) => row.mean)).toEqual([2.2, 6]);
	await deleteRun(db, id);
	expect(await db.count('results')).toBe(0);
	await expect(readRun(db, id)).rejects.toMatchObject({ name: 'NotFound' });
	await expect(saveResults(db, id, [metricRow])).rejects.toMatchObject({ name: 'NotFound' });
	expect(await db.count('metrics')).toBe(0);
});

test('what a list of tasks gave is kept as a whole, of a run with its results, and goes with it', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	const rows = [metricRow, { ...metricRow, subject: 'english' }];
	await saveFinal(db, id, 'tasks', rows);
	await saveFinal(db, id, 'other tasks', [{ ...metricRow, mean: 1 }]);
	expect(await readFinal(db, id, 'tasks')).toEqual(rows);
	expect(await readFinal(db, id, 'unknown tasks')).toBeNull();
	expect((await readRun(db, id)).results).toHaveLength(2);
	await deleteRun(db, id);
	expect(await db.count('finals')).toBe(0);
	await expect(saveFinal(db, id, 'tasks', rows)).rejects.toMatchObject({ name: 'NotFound' });
});

test('what lists of tasks gave is forgotten of the one that is named only', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	await saveFinal(db, id, 'tasks', [metricRow]);
	await saveFinal(db, id, 'other tasks', [metricRow]);
	await forgetFinals(db, 'another');
	expect(await readFinal(db, id, 'tasks')).toEqual([metricRow]);
	await forgetFinals(db, id);
	expect(await readFinal(db, id, 'tasks')).toBeNull();
	expect(await readFinal(db, id, 'other tasks')).toBeNull();
});

test('measurements are kept in order, those past the checkpoint dropped on resume', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	const at = (step: number) => ({ step, rows: [{ ...metricRow, mean: step }], predictions: [] });
	for (const step of [0, 30, 20]) await saveMeasurement(db, id, at(step));
	await saveMeasurement(db, other, at(40));
	await saveCheckpoint(db, { runId: id, step: 20, metrics: stepEvents(0, 20) }, someTensors(1));
	expect((await readRun(db, id)).measurements).toEqual([at(0), at(20), at(30)]);
	await startRun(db, runSpec(), environment);
	expect(await measuredSteps(db, id)).toEqual([0, 20]);
	await startRun(db, runSpec({ seed: 2 }), environment);
	expect(await measuredSteps(db, other)).toEqual([]);
	await deleteRun(db, id);
	expect(await db.count('measurements')).toBe(0);
	await expect(saveMeasurement(db, id, at(0))).rejects.toMatchObject({ name: 'NotFound' });
});

test('answers are kept by task and weights, and go with their run', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	const answer = (given: string, weights: 'base' | 'adapted') => ({
		...{ task: 'words', subject: 'A to B', weights, prompt: 'p', expected: 'x', given },
		...{ right: false, run: 0 },
	});
	await saveAnswers(db, id, [answer('one', 'base'), answer('two', 'base')]);
	await saveAnswers(db, id, [answer('three', 'adapted')]);
	await saveAnswers(db, id, [answer('four', 'base')]);
	const given = (await readAnswers(db, id)).map((one) => one.given);
	expect(given).toEqual(['three', 'four']);
	await deleteRun(db, id);
	expect(await readAnswers(db, id)).toEqual([]);
	await expect(saveAnswers(db, id, [answer('five', 'base')])).rejects.toMatchObject({
		name: 'NotFound',
	});
});

test('a run that is not there is told by its id', async () => {
	const db = await freshDatabase();
	const message = 'No run gone is stored; it may have been deleted in another tab.';
	await expect(readRun(db, 'gone')).rejects.toMatchObject({ name: 'NotFound', message });
	await expect(updateRun(db, 'gone', { status: 'paused' })).rejects.toThrow(message);
});

test('a run begun a first time has done nothing yet; the time of its beginning stays', async () => {
	vi.useFakeTimers({ toFake: ['Date'], now: 1000 });
	const db = await freshDatabase();
	const { record } = await startRun(db, runSpec(), environment);
	expect(record).toEqual({
		...{ id: record.id, spec: runSpec(), environment, status: 'running', steps: 0 },
		...{ checkpointStep: null, earlier: [], receipt: null, error: null },
		...{ startedAt: 1000, updatedAt: 1000 },
	});
	vi.setSystemTime(2000);
	const receipt = { tensors: [], frozenUnchanged: true };
	const changed = await updateRun(db, record.id, { status: 'failed', receipt, error: 'lost' });
	expect(changed).toEqual({ ...record, status: 'failed', receipt, error: 'lost', updatedAt: 2000 });
	vi.setSystemTime(3000);
	expect((await startRun(db, runSpec(), environment)).record).toEqual({
		...record,
		updatedAt: 3000,
	});
	vi.useRealTimers();
});

test('the run changed last is listed first', async () => {
	vi.useFakeTimers({ toFake: ['Date'] });
	const db = await freshDatabase();
	for (const seed of [2, 3, 1]) {
		vi.setSystemTime(1000 * seed);
		await startRun(db, runSpec({ seed }), environment);
	}
	vi.useRealTimers();
	expect((await listRuns(db)).map(({ spec }) => spec.seed)).toEqual([3, 2, 1]);
});

test('of every device it is told how far a run was made on it', async () => {
	const db = await freshDatabase();
	const [a, b, c] = [
		environment,
		{ ...environment, adapter: '8 threads' },
		{ ...environment, backend: 'reference' as const },
	];
	const trainOn = async (device: typeof a | typeof c, step: number) => {
		const { record } = await startRun(db, runSpec(), device);
		await saveCheckpoint(db, { runId: record.id, step }, someTensors(step));
		return record.earlier;
	};
	expect(await trainOn(a, 10)).toEqual([]);
	expect(await trainOn({ ...a, version: '0.2.0' }, 20)).toEqual([]);
	const first = { untilStep: 20, environment: { ...a, version: '0.2.0' } };
	expect(await trainOn(b, 30)).toEqual([first]);
	expect(await trainOn(c, 40)).toEqual([first, { untilStep: 30, environment: b }]);
	// Back to update 30, which the third device has not got past.
	const { record } = await startRun(db, runSpec(), c, 40);
	expect(record).toMatchObject({ steps: 30, earlier: [first] });
});

test('to what a damaged checkpoint costs belong those after it and what was measured on them', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	for (const step of [10, 20]) {
		const metrics = stepEvents(step - 10, step);
		await saveCheckpoint(db, { runId: id, step, metrics }, someTensors(step));
		await saveMeasurement(db, id, { step, rows: [], predictions: [] });
	}
	const { record, checkpoint } = await startRun(db, runSpec(), environment, 10);
	expect(checkpoint).toBeNull();
	expect(record).toMatchObject({ steps: 0, checkpointStep: null });
	expect(await db.count('checkpoints')).toBe(0);
	expect(await db.count('metrics')).toBe(0);
	expect(await measuredSteps(db, id)).toEqual([]);
});

test('updates that are done are counted by the last one of them', () => {
	expect(stepsAfter(5, [])).toBe(5);
	expect(stepsAfter(5, stepEvents(0, 3))).toBe(5);
	expect(stepsAfter(5, stepEvents(4, 8).reverse())).toBe(8);
});

test('a run is refused by its id where a full disk has no room for it, and goes only where that can be noted', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	originFiles(0);
	const refused = (what: string) => ({
		name: 'QuotaExceeded',
		message: expect.stringContaining(what) as string,
	});
	await expect(startRun(db, runSpec(), environment)).rejects.toMatchObject(
		refused(`store run ${id}:`),
	);
	await expect(updateRun(db, id, { status: 'paused' })).rejects.toMatchObject(
		refused(`store what became of run ${id}:`),
	);
	await expect(deleteRun(db, id)).rejects.toMatchObject(refused('No room to delete'));
	originFiles();
	await deleteRun(db, id);
	expect(await db.count('runs')).toBe(0);
});
