import { expect, test } from 'vitest';
import { newestCheckpoint, saveCheckpoint } from './checkpoints.ts';
import { runId } from '../contract/runId.ts';
import { holdRun } from './locks.ts';
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
import { deleteRun, listRuns, readRun, startRun, updateRun } from './runs.ts';
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
	await startRun(db, runSpec(), environment);
	expect(await readRun(db, id)).toMatchObject({ record: { steps: 0 }, metrics: [] });
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
