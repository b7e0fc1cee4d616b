import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { readCheckpointTensor } from './checkpoints.ts';
import { openDatabase } from './database.ts';
import { measurement, olderProfile, versions } from './olderProfiles.ts';
import { readFinal, saveAnswers, saveFinal, saveMeasurement } from './results.ts';
import { readRun, startRun } from './runs.ts';
import { environment, metricRow, runSpec, stepEvents, tensorValues } from './testing.ts';

test.each(versions)('a profile of version %i opens, and its run goes on', async (version) => {
	const name = `version-${version}`;
	const id = await olderProfile(name, version);
	const db = await openDatabase(name);

	const before = await readRun(db, id);
	expect(before.record).toMatchObject({ id, status: 'paused', earlier: [] });
	expect(before).toMatchObject({ metrics: stepEvents(0, 12), results: [metricRow] });
	expect(before.measurements).toEqual(version >= 2 ? [measurement] : []);
	expect(await readFinal(db, id, 'tasks')).toEqual(version >= 3 ? [metricRow] : null);
	expect(await db.get('about', 'id')).toMatch(
		version >= 6 ? /^an id of its own$/ : /^[\da-f-]{36}$/,
	);

	// On another device, which is where a record without `earlier` would have thrown.
	const elsewhere = { ...environment, backend: 'webgpu' } as const;
	const { record, checkpoint } = await startRun(db, runSpec(), elsewhere);
	const kept = checkpoint!;
	expect(record).toMatchObject({ id, steps: 10, earlier: [{ untilStep: 10, environment }] });
	expect(await readCheckpointTensor(db, kept, kept.tensors[0]!)).toEqual(tensorValues(1, 2));
	expect((await readRun(db, id)).metrics).toEqual(stepEvents(0, 10));

	// What later versions brought can be kept with it.
	await saveMeasurement(db, id, measurement);
	await saveFinal(db, id, 'tasks', [metricRow]);
	const given = { prompt: '', expected: '', given: '', right: true };
	const answer = { ...given, task: 'loss', subject: 'javanese', weights: 'base' } as const;
	await saveAnswers(db, id, [answer]);
	expect(await db.count('answers')).toBe(1);
});

test('the list of versions is complete', async () => {
	expect((await openDatabase('present')).version).toBe(versions.length);
});

test('a profile of a newer version is refused in plain words, and untouched', async () => {
	const newer = await openDB('newer', 1000, {
		upgrade(db) {
			db.createObjectStore('runs');
		},
	});
	await newer.put('runs', 'kept', 'run');
	newer.close();
	await expect(openDatabase('newer')).rejects.toMatchObject({ name: 'StorageOutdated' });
	await expect(openDatabase('newer')).rejects.toThrow(
		/newer version of the lab.*Nothing stored was touched/,
	);
	const after = await openDB('newer');
	expect(after.version).toBe(1000);
	expect([...after.objectStoreNames]).toEqual(['runs']);
	expect(await after.get('runs', 'run')).toBe('kept');
});

test('a thread has one connection, and a new one where that was closed', async () => {
	const [first, same] = await Promise.all([openDatabase('shared'), openDatabase('shared')]);
	expect(same).toBe(first);
	expect(await openDatabase('shared')).toBe(first);
	// As the browser does it, which need not have told.
	first.close();
	const second = await openDatabase('shared');
	expect(second).not.toBe(first);
	expect(await second.count('runs')).toBe(0);
});

test('a connection gives way to an upgrade by another page, and the next call says so', async () => {
	const mine = await openDatabase('upgraded');
	const theirs = await openDB('upgraded', 1000);
	expect(() => mine.transaction('runs')).toThrow();
	await expect(openDatabase('upgraded')).rejects.toMatchObject({ name: 'StorageOutdated' });
	theirs.close();
});
