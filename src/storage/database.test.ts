import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { saveMeasurement } from './results.ts';
import { readRun } from './runs.ts';
import { metricRow, stepEvents } from './testing.ts';

test('a database of the first version keeps its runs and takes measurements', async () => {
	const name = 'first-version';
	const old = await openDB(name, 1, {
		upgrade(fresh) {
			for (const store of ['models', 'datasets', 'runs'])
				fresh.createObjectStore(store, { keyPath: 'id' });
			for (const store of ['chunks', 'metrics']) fresh.createObjectStore(store);
			fresh.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
			fresh.createObjectStore('results', {
				keyPath: ['runId', 'row.task', 'row.subject', 'row.metric', 'row.weights'],
			});
		},
	});
	await old.put('runs', { id: 'run', status: 'finished', steps: 2 });
	for (const event of stepEvents(0, 2)) await old.put('metrics', event, ['run', event.step]);
	await old.put('results', { runId: 'run', row: metricRow });
	old.close();

	const db = await openDatabase(name);
	const measurement = { step: 2, rows: [metricRow], predictions: [] };
	await saveMeasurement(db, 'run', measurement);
	expect(await readRun(db, 'run')).toMatchObject({
		record: { id: 'run', status: 'finished' },
		metrics: stepEvents(0, 2),
		results: [metricRow],
		measurements: [measurement],
	});
});
