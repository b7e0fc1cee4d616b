/** The mirror as the page has it: what it follows, where it is kept, and what is said when something is wrong. */
import { beforeEach, expect, test } from 'vitest';
import type { StoreApi } from '../contract/storeApi.ts';
import type { LabDatabase } from '../storage/database.ts';
import { mirrorSettings } from '../storage/mirror/settings.ts';
import {
	filesOf,
	folderHandle,
	type Interrupt,
	smallLibrary,
	type Tree,
} from '../storage/mirror/testing.ts';
import { addModel } from '../storage/models.ts';
import { aboutModel, freshDatabase, metricRow, someBytes } from '../storage/testing.ts';
import { createStore } from './store.ts';

let opfs: Tree;
let interrupt: Interrupt;
let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let store: StoreApi;
let number = 0;

/** A store thread of a page just opened: what it knows is in its databases and folders. */
function opened(library: LabDatabase, settings = `settings-${number}`): StoreApi {
	return createStore(() => Promise.resolve(library), {
		settings: mirrorSettings(settings),
		browserFolder: () =>
			Promise.resolve(
				folderHandle(opfs, (path) => {
					interrupt(path);
				}),
			),
	});
}

beforeEach(async () => {
	number += 1;
	opfs = new Map();
	interrupt = () => undefined;
	db = await freshDatabase();
	ids = await smallLibrary(db);
	store = opened(db);
});

const silent = () => undefined;
const copied = (tree: Tree = opfs) => [...filesOf(tree).keys()];

test('without a folder the browser keeps the copy; it follows what is measured and deleted', async () => {
	expect(await store.mirror()).toMatchObject({ place: 'browser', mirroredAt: null, busy: false });
	const state = await store.mirrorNow();
	expect(state).toMatchObject({ failure: null, holds: { runs: 1, checkpoints: 1 } });
	expect(state.mirroredAt).toBeGreaterThan(0);
	await store.saveResults(ids.run, [{ ...metricRow, mean: 0.125 }]);
	await store.mirrorNow();
	expect(await filesOf(opfs).get(`runs/${ids.run}.json`)!.text()).toContain('"mean": 0.125');
	await store.deleteRun(ids.run);
	expect((await store.mirrorNow()).holds).toMatchObject({ runs: 0, checkpoints: 0, datasets: 1 });
	expect(copied().filter((path) => path.includes(ids.run))).toEqual([]);
});

test('a deletion that the mirror did not hear of in time is made up for', async () => {
	await store.mirrorNow();
	await store.deleteRun(ids.run);
	expect(copied()).toContain(`runs/${ids.run}.json`);
	expect((await opened(db).mirrorNow()).holds?.runs).toBe(0);
});

test('watchers hear that it begins and ends', async () => {
	const heard: boolean[] = [];
	await store.watchMirror(({ busy }) => heard.push(busy));
	await store.mirrorNow();
	expect(heard).toEqual([true, false]);
});

test('a lost library comes back, and says which model to import again', async () => {
	await store.mirrorNow();
	const empty = await freshDatabase();
	const after = opened(empty, `lost-${number}`);
	expect((await after.mirrorNow()).more).toEqual({ runs: 1, datasets: 1 });
	const found = await after.lookAtLibrary({ kind: 'mirror' });
	expect(found.things.map(({ kind, standing }) => `${kind} ${standing}`)).toEqual([
		'model absent',
		'dataset absent',
		'run absent',
	]);
	expect(found.things.at(-1)).toMatchObject({ name: 'tiny', updates: { done: 10, total: 100 } });
	const report = await after.bringBack({ kind: 'mirror' }, silent);
	expect(report).toMatchObject({ runs: 1, datasets: 1, problems: [] });
	expect((await after.library()).runs).toMatchObject([{ id: ids.run, checkpointStep: 10 }]);
	const state = await after.mirrorNow();
	expect(state.more).toEqual({ runs: 0, datasets: 0 });
	expect(state.absentModels).toEqual([
		{ id: ids.model, name: 'tiny', files: [{ name: 'model.safetensors', size: 1000 }] },
	]);
	const data = new Blob([someBytes(1000, 3)]);
	const { id } = await addModel(empty, aboutModel, [{ name: 'model.safetensors', data }]);
	expect(id).toBe(ids.model);
	expect((await after.mirror()).absentModels).toEqual([]);
});

test('a chosen folder gets a folder of its own, and the browser’s copy goes when it is superfluous', async () => {
	await store.mirrorNow();
	const disk: Tree = new Map();
	const state = await store.keepMirrorIn(folderHandle(disk));
	expect(state).toMatchObject({ place: 'folder', folder: 'chosen', waiting: false });
	expect(copied(disk)).toContain(`cogsym-library/runs/${ids.run}.json`);
	expect(copied()).toEqual([]);
	expect((await store.keepMirrorIn('off')).place).toBe('off');
	expect(copied(disk)).toContain(`cogsym-library/runs/${ids.run}.json`);
	// A mirror that is chosen again is taken as it is.
	await store.keepMirrorIn(folderHandle(disk.get('cogsym-library') as Tree));
	expect([...disk.keys()]).toEqual(['cogsym-library']);
	expect([...(disk.get('cogsym-library') as Tree).keys()]).not.toContain('cogsym-library');
});

test('the browser’s copy stays while it has what the library lacks', async () => {
	await store.mirrorNow();
	const after = opened(await freshDatabase());
	await after.keepMirrorIn('off');
	expect(copied()).toContain(`runs/${ids.run}.json`);
});

test('nothing is written while the browser wants to be asked', async () => {
	const disk: Tree = new Map();
	let answer = 'prompt';
	const handle = Object.assign(folderHandle(disk), {
		queryPermission: () => Promise.resolve(answer),
	});
	expect(await store.keepMirrorIn(handle)).toMatchObject({ waiting: true, mirroredAt: null });
	expect(copied(disk)).toEqual([]);
	await expect(store.lookAtLibrary({ kind: 'mirror' })).rejects.toMatchObject({ name: 'NotFound' });
	answer = 'granted';
	expect(await store.mirrorNow()).toMatchObject({ waiting: false, holds: { runs: 1 } });
});

test.each([
	['QuotaExceededError', /No room left for a copy in the browser’s own folder/],
	['NotFoundError', /is gone/],
	['NotAllowedError', /Reconnect/],
])('%s is told in words, and made up for at the next change', async (name, words) => {
	interrupt = () => {
		throw new DOMException('raw words', name);
	};
	const state = await store.mirrorNow();
	expect(state.failure).toMatch(words);
	expect(state.mirroredAt).toBeNull();
	interrupt = () => undefined;
	expect(await store.mirrorNow()).toMatchObject({ failure: null, holds: { runs: 1 } });
});

test('where the browser has no folder of its own there is no mirror', async () => {
	const none = createStore(() => Promise.resolve(db));
	expect(await none.mirrorNow()).toMatchObject({ place: 'none', mirroredAt: null, failure: null });
});
