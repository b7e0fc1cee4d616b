import { deleteDB } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';
import { addDataset, deleteDataset } from './datasets.ts';
import { openDatabase } from './database.ts';
import { originFiles } from './originTesting.ts';

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
