import { forceCloseDatabase } from 'fake-indexeddb';
import { openDB, unwrap } from 'idb';
import { expect, test, vi } from 'vitest';
import { readCheckpointTensor } from './checkpoints.ts';
import { committed, keysOfRun, openDatabase } from './database.ts';
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

test('an upgrade that fails half-way leaves the database as it was', async () => {
	const name = 'half upgraded';
	const id = await olderProfile(name, 5);
	const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
		throw new DOMException('full', 'QuotaExceededError');
	});
	await expect(openDatabase(name)).rejects.toMatchObject({ name: 'StorageFailed' });
	put.mockRestore();
	const after = await openDB(name);
	expect(after.version).toBe(5);
	after.close();
	// The failure is not kept: it may open now.
	expect((await readRun(await openDatabase(name), id)).record.earlier).toEqual([]);
});

test('what is told late of a former connection does not cost the present one', async () => {
	const name = 'given way';
	const first = await openDatabase(name);
	first.close();
	const second = await openDatabase(name);
	forceCloseDatabase(unwrap(first) as never);
	expect(await openDatabase(name)).toBe(second);
	forceCloseDatabase(unwrap(second) as never);
	expect(await openDatabase(name)).not.toBe(second);
});

test('keys of a run are those of no other, from a step on or all of them', async () => {
	const db = await openDatabase('keys');
	const [event] = stepEvents(0, 1);
	for (const key of [
		['a', 9],
		['b', 1],
		['b', 2],
		['b', 30],
		['ba', 1],
		['c', 1],
	] as const)
		await db.put('metrics', event!, [...key]);
	const stepsOf = async (from?: number) =>
		(await db.getAllKeys('metrics', keysOfRun('b', from))).map(([, step]) => step);
	expect(await stepsOf()).toEqual([1, 2, 30]);
	expect(await stepsOf(2)).toEqual([2, 30]);
	expect(await stepsOf(0)).toEqual([1, 2, 30]);
	expect(await stepsOf(31)).toEqual([]);
});

test('of a transaction that fails the cause is told, not that the rest was aborted', async () => {
	const aborted = new DOMException('aborted', 'AbortError');
	const cause = new DOMException('full', 'QuotaExceededError');
	const outcomeOf = (done: Error | null, ...requests: (Error | null)[]) => {
		const settled = (reason: Error | null) =>
			reason === null ? Promise.resolve() : Promise.reject(reason);
		return committed({ done: settled(done) }, requests.map(settled));
	};
	await expect(outcomeOf(null, null)).resolves.toBeUndefined();
	await expect(outcomeOf(aborted, aborted, cause)).rejects.toBe(cause);
	await expect(outcomeOf(cause, aborted)).rejects.toBe(cause);
	await expect(outcomeOf(aborted, null)).rejects.toBe(aborted);
	await expect(outcomeOf(null, cause)).rejects.toBe(cause);
});
