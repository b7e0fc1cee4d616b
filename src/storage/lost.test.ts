import { deleteDB } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type LabDatabase } from './database.ts';
import { addDataset, deleteDataset } from './datasets.ts';
import { addModel, deleteModel } from './models.ts';
import { originFiles } from './originTesting.ts';
import { deleteRun, startRun } from './runs.ts';
import { aboutModel, environment, runSpec } from './testing.ts';

const rows = [{ instruction: 'a', input: '', output: 'b' }];
const mapping = { instruction: 'instruction', input: null, output: 'output' };

/** Another page, or the same one opened again: nothing is known but what the browser keeps. */
async function anew() {
	vi.resetModules();
	return await import('./lost.ts');
}

beforeEach(() => {
	originFiles();
});

test('a library that is gone is told by what it held, until the user has read it', async () => {
	const db = await openDatabase('dropped');
	await addDataset(db, { name: 'pairs', mapping }, rows);
	db.close();
	await deleteDB('dropped');

	const { forgetLost, lostLibrary, noteLibrary } = await anew();
	const next = await openDatabase('dropped');
	await noteLibrary(next);
	const lost = await lostLibrary(next);
	expect(lost).toMatchObject({ models: 0, datasets: 1, runs: 0 });
	expect(lost!.noticedAt).toBeGreaterThanOrEqual(lost!.seenAt);
	await noteLibrary(next);
	expect(await lostLibrary(next)).toEqual(lost);
	await forgetLost(next);
	await noteLibrary(next);
	expect(await lostLibrary(next)).toBeNull();
});

test('what goes with the files of the origin is noticed by the page that saw it', async () => {
	const { lostLibrary, noteLibrary } = await import('./lost.ts');
	const db = await openDatabase('cleared');
	await addDataset(db, { name: 'pairs', mapping }, rows);
	await noteLibrary(db);
	db.close();
	await deleteDB('cleared');
	originFiles();
	const next = await openDatabase('cleared');
	await noteLibrary(next);
	expect(await lostLibrary(next)).toMatchObject({ datasets: 1 });
});

test('a library that the user has emptied is not lost', async () => {
	const db = await openDatabase('emptied');
	const { id } = await addDataset(db, { name: 'pairs', mapping }, rows);
	await deleteDataset(db, id);
	db.close();
	await deleteDB('emptied');
	const { lostLibrary, noteLibrary } = await anew();
	const next = await openDatabase('emptied');
	await noteLibrary(next);
	expect(await lostLibrary(next)).toBeNull();
});

const files = [{ name: 'a', data: new Blob(['a']) }];
const run = async (db: LabDatabase) => (await startRun(db, runSpec(), environment)).record;

test.each([
	['models', (db: LabDatabase) => addModel(db, aboutModel, files), deleteModel],
	[
		'datasets',
		(db: LabDatabase) => addDataset(db, { name: 'pairs', mapping }, rows),
		deleteDataset,
	],
	['runs', run, deleteRun],
] as const)('%s are noted as soon as they are there, or gone', async (what, add, remove) => {
	const name = `noted-${what}`;
	const gone = async (db: LabDatabase) => {
		db.close();
		await deleteDB(name);
		const { lostLibrary, noteLibrary } = await anew();
		const next = await openDatabase(name);
		await noteLibrary(next);
		return { next, lost: await lostLibrary(next) };
	};
	const db = await openDatabase(name);
	await add(db);
	const { next, lost } = await gone(db);
	expect(lost).toMatchObject({ models: 0, datasets: 0, runs: 0, [what]: 1 });
	await remove(next, (await add(next)).id);
	expect((await gone(next)).lost).toBeNull();
});

test('of what was lost one after the other, the last is told', async () => {
	const { lostLibrary, noteLibrary } = await import('./lost.ts');
	const name = 'twice';
	const lose = async (add: (db: LabDatabase) => Promise<unknown>) => {
		const db = await openDatabase(name);
		await noteLibrary(db);
		await add(db);
		await noteLibrary(db);
		db.close();
		await deleteDB(name);
		const next = await openDatabase(name);
		await noteLibrary(next);
		return { next, lost: await lostLibrary(next) };
	};
	const first = await lose((db) => addDataset(db, { name: 'pairs', mapping }, rows));
	expect(first.lost).toMatchObject({ datasets: 1, runs: 0 });
	const second = await lose(run);
	expect(second.lost).toMatchObject({ datasets: 0, runs: 1 });
});

test.each([
	['is told in place of one from before', 4999, 1],
	['is not told where one from then is known', 5000, 0],
	['is not told where one from later is known', 5001, 0],
])('a loss %s', async (_, knownFrom, datasets) => {
	vi.useFakeTimers({ toFake: ['Date'], now: 5000 });
	const { lostLibrary, noteLibrary } = await import('./lost.ts');
	const name = `known from ${knownFrom}`;
	const db = await openDatabase(name);
	await addDataset(db, { name: 'pairs', mapping }, rows);
	await noteLibrary(db);
	db.close();
	await deleteDB(name);
	const next = await openDatabase(name);
	const known = { models: 5, datasets: 0, runs: 0, seenAt: knownFrom, noticedAt: 1 };
	await next.put('about', known, 'lost');
	await noteLibrary(next);
	vi.useRealTimers();
	expect(await lostLibrary(next)).toMatchObject({ datasets, models: datasets === 1 ? 0 : 5 });
});

test('a library that is there is not lost', async () => {
	const { lostLibrary, noteLibrary } = await import('./lost.ts');
	const db = await openDatabase('there');
	await addDataset(db, { name: 'pairs', mapping }, rows);
	for (const add of [() => run(db), () => addModel(db, aboutModel, files)]) {
		await noteLibrary(db);
		expect(await lostLibrary(db)).toBeNull();
		await add();
	}
});

test.each([
	['is no JSON', () => Promise.resolve({ text: () => Promise.resolve('{') })],
	['cannot be read', () => Promise.reject(new Error('lost'))],
])('a note that %s says nothing, and is written anew', async (_, getFile) => {
	const write = vi.fn();
	const close = vi.fn();
	const handle = { getFile, createWritable: () => Promise.resolve({ write, close }) };
	const getFileHandle = vi.fn(() => Promise.resolve(handle));
	const folder = { getFileHandle, getDirectoryHandle: () => Promise.resolve(folder) };
	Object.assign(navigator.storage, { getDirectory: () => Promise.resolve(folder) });
	const { lostLibrary, noteLibrary } = await anew();
	const db = await openDatabase('unreadable');
	await noteLibrary(db);
	expect(await lostLibrary(db)).toBeNull();
	expect(getFileHandle).toHaveBeenLastCalledWith('unreadable.json', { create: true });
	const note: unknown = JSON.parse(write.mock.calls[0]![0] as string);
	expect(note).toMatchObject({ id: await db.get('about', 'id'), models: 0, datasets: 0, runs: 0 });
	expect(close).toHaveBeenCalledTimes(1);
});

test('without files of the origin, or without a database, nothing is noted and nothing thrown', async () => {
	Object.assign(navigator.storage, { getDirectory: undefined });
	const { lostLibrary, noteLibrary } = await anew();
	const db = await openDatabase('nowhere');
	await noteLibrary(db);
	expect(await lostLibrary(db)).toBeNull();
	db.close();
	await expect(noteLibrary(db)).resolves.toBeUndefined();
});
