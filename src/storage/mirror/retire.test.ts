/** When a copy that is not kept up any more goes; and what the mirror keeps of itself. */
import { deleteDB } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';
import type { LabDatabase } from '../database.ts';
import { addDataset, deleteDataset } from '../datasets.ts';
import { originFiles } from '../originTesting.ts';
import { deleteRun } from '../runs.ts';
import { freshDatabase } from '../testing.ts';
import { mirrorPass } from './pass.ts';
import { retireCopy } from './retire.ts';
import type { ModelContent } from './schema.ts';
import { mirrorSettings } from './settings.ts';
import { filesOf, folderHandle, smallLibrary, type Tree } from './testing.ts';

let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let tree: Tree;

beforeEach(async () => {
	originFiles();
	db = await freshDatabase();
	ids = await smallLibrary(db);
	tree = new Map();
	await mirrorPass(db, folderHandle(tree), { limit: null, deletions: [] }, null);
});

test('a copy of which the library has everything goes, and nothing else in its folder', async () => {
	tree.set('photo.jpg', new Uint8Array(1));
	// Of a model there is no more in the copy than its name.
	await db.delete('models', ids.model);
	expect(await retireCopy(db, folderHandle(tree))).toBe(true);
	expect([...tree.keys()]).toEqual(['photo.jpg']);
	expect(await retireCopy(db, folderHandle(tree))).toBe(true);
});

test.each(['run', 'dataset'] as const)(
	'a copy of a %s that the library lacks stays',
	async (what) => {
		await deleteRun(db, ids.run);
		if (what === 'dataset') {
			const { spec } = ids;
			await db.put('runs', { id: ids.run, spec } as never);
			await db.delete('datasets', ids.dataset);
		}
		const before = [...filesOf(tree).keys()];
		expect(await retireCopy(db, folderHandle(tree))).toBe(false);
		expect([...filesOf(tree).keys()]).toEqual(before);
	},
);

test('what the library has more than its copy keeps no copy', async () => {
	const mapping = { instruction: null, input: null, output: 'text' };
	const { id } = await addDataset(db, { name: 'more', mapping }, []);
	expect(await retireCopy(db, folderHandle(tree))).toBe(true);
	await deleteDataset(db, id);
});

let settings = 0;
const fresh = () => mirrorSettings(`mirror-${(settings += 1)}`);

test('the place is kept over reloads; none was chosen at first', async () => {
	const one = fresh();
	expect(await one.place()).toBeNull();
	await one.choose({ kind: 'browser' });
	await one.choose({ kind: 'off' });
	expect(await mirrorSettings(`mirror-${settings}`).place()).toEqual({ kind: 'off' });
	// Nobody holds it open: site data can be cleared.
	const blocked = vi.fn();
	await deleteDB(`mirror-${settings}`, { blocked });
	expect(blocked).not.toHaveBeenCalled();
});

test('deletions are remembered once each, until they are made', async () => {
	const one = fresh();
	const all = [
		{ kind: 'dataset', id: 'a' },
		{ kind: 'run', id: 'a' },
		{ kind: 'run', id: 'b' },
	] as const;
	for (const deletion of [...all, all[1]]) await one.remember(deletion);
	expect(await one.deletions()).toEqual(all);
	await one.made([all[0], all[2]]);
	expect(await one.deletions()).toEqual([all[1]]);
	await one.made([]);
	expect(await one.deletions()).toEqual([all[1]]);
});

const model: ModelContent = {
	...{ id: 'a', name: 'tiny', parameters: 1, bytes: 2, addedAt: 3 },
	...{ config: {}, files: [], finals: [] },
};

test('models that came without their files are known by name, each once', async () => {
	const one = fresh();
	expect(await one.models()).toEqual([]);
	await one.addModel(model);
	await one.addModel({ ...model, name: 'other' });
	expect(await one.models()).toEqual([{ ...model, name: 'other' }]);
});

test('what a full disk has no room for is named', async () => {
	const one = fresh();
	await one.remember({ kind: 'run', id: 'a' });
	originFiles(0);
	for (const [what, keep] of [
		['the place of the mirror', () => one.choose({ kind: 'off' })],
		['a deletion for the mirror', () => one.remember({ kind: 'run', id: 'b' })],
		['the name of the model tiny', () => one.addModel(model)],
	] as const)
		await expect(keep()).rejects.toMatchObject({
			name: 'QuotaExceeded',
			message: expect.stringMatching(`^No room to store ${what}:`) as string,
		});
	await expect(one.made([{ kind: 'run', id: 'a' }])).rejects.toThrow('No room to delete');
	expect(await one.deletions()).toEqual([{ kind: 'run', id: 'a' }]);
});
