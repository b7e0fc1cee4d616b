/** What a pass writes and leaves, where folder or library are not as the last one left them. */
import { beforeEach, expect, test } from 'vitest';
import { newestCheckpoint, saveCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { addDataset } from '../datasets.ts';
import { saveFinal } from '../results.ts';
import { deleteRun, startRun, updateRun } from '../runs.ts';
import { environment, freshDatabase, metricRow, runSpec, someTensors } from '../testing.ts';
import { openDocument, paths, sealDocument } from './format.ts';
import { mirrorPass, type PassOutcome } from './pass.ts';
import type { Deletion } from './target.ts';
import { filesOf, folderHandle, smallLibrary, type Tree } from './testing.ts';

let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let tree: Tree;
let known: PassOutcome | null;
let written: string[];

beforeEach(async () => {
	db = await freshDatabase();
	ids = await smallLibrary(db);
	tree = new Map();
	known = null;
});

/** `anew`: nothing is known of the folder but what is in it. */
async function pass(
	change: { limit?: number; deletions?: readonly Deletion[]; anew?: boolean } = {},
	library = db,
): Promise<PassOutcome> {
	const { limit = null, deletions = [], anew = false } = change;
	written = [];
	const root = folderHandle(tree, (path) => void written.push(path));
	known = await mirrorPass(library, root, { limit, deletions }, (!anew && known?.survey) || null);
	return known;
}

const files = () => filesOf(tree);
const put = (path: string, bytes: Uint8Array<ArrayBuffer>) => {
	const names = path.split('/');
	const name = names.pop()!;
	names.reduce((folder, part) => folder.get(part) as Tree, tree).set(name, bytes);
};
const save = (id: string, step: number, seed = step) =>
	saveCheckpoint(db, { runId: id, step }, someTensors(seed));

test('what it holds is counted, its table of contents aside, and written there', async () => {
	const { holds } = await pass();
	const bytes = [...files()].reduce(
		(sum, [path, { size }]) => sum + (path === paths.index ? 0 : size),
		0,
	);
	expect(holds).toEqual({ runs: 1, datasets: 1, models: 1, checkpoints: 1, bytes });
	const index = await openDocument('library', paths.index, files().get(paths.index)!);
	expect(index).toEqual({ ...holds, savedAt: (index as { savedAt: number }).savedAt });
	expect((await pass({ anew: true })).holds).toEqual(holds);
});

test('an empty library has a table of contents, too, which is not written again', async () => {
	const empty = await freshDatabase();
	const { holds } = await pass({}, empty);
	expect(holds).toEqual({ runs: 0, datasets: 0, models: 0, checkpoints: 0, bytes: 0 });
	expect(written).toEqual([paths.index]);
	await pass({}, empty);
	expect(written).toEqual([]);
});

test('rows and chunks that were cut, and documents that were changed, are written again', async () => {
	await pass();
	const whole = files();
	const [chunk] = (await newestCheckpoint(db, ids.run))!.tensors[0]!.chunks;
	put(paths.rows(ids.dataset), new Uint8Array(1));
	put(paths.chunk(chunk!.hash), new Uint8Array(1));
	put(paths.model(ids.model), new Uint8Array(1));
	await pass({ anew: true });
	expect(written).toEqual([
		...[paths.rows(ids.dataset), paths.model(ids.model), paths.chunk(chunk!.hash), paths.index],
	]);
	for (const path of written.slice(0, 3))
		expect(await files().get(path)!.text()).toBe(await whole.get(path)!.text());
});

test('where somebody else was in the folder, it is looked at anew', async () => {
	await pass();
	tree.delete('datasets');
	await pass();
	expect(written).toEqual([]);
	put(paths.index, new TextEncoder().encode((await sealDocument('library', {})).text));
	await pass();
	expect(written).toEqual([paths.rows(ids.dataset), paths.dataset(ids.dataset), paths.index]);
});

test('what is added later is copied alone', async () => {
	await pass();
	const mapping = { instruction: null, input: null, output: 'text' };
	const { id } = await addDataset(db, { name: 'later', mapping }, []);
	const { holds } = await pass();
	expect(holds.datasets).toBe(2);
	expect(written).toEqual([paths.rows(id), paths.dataset(id), paths.index]);
});

test('what is measured on an untrained model follows where it is looked at anew', async () => {
	await pass();
	await saveFinal(db, ids.model, 'other tasks', [metricRow]);
	await pass();
	expect(written).toEqual([]);
	await pass({ anew: true });
	expect(written).toEqual([paths.model(ids.model), paths.index]);
	const content = await openDocument('model', 'x', files().get(paths.model(ids.model))!);
	expect(content).toMatchObject({
		id: ids.model,
		finals: [
			{ tasks: 'other tasks', rows: [metricRow] },
			{ tasks: 'tasks', rows: [metricRow] },
		],
	});
});

test.each<[Deletion['kind'], (id: string) => string[]]>([
	['dataset', (id) => [paths.dataset(id), paths.rows(id)]],
	['model', (id) => [paths.model(id)]],
])('of a %s that was deleted by hand all of its files go, and nothing else', async (kind, own) => {
	await pass();
	const before = [...files().keys()];
	const id = ids[kind as 'dataset' | 'model'];
	const deletions = [{ kind, id }];
	await pass({ deletions });
	expect([...files().keys()]).toEqual(before);
	await db.delete(kind === 'dataset' ? 'datasets' : 'models', id);
	const { more } = await pass({ deletions });
	expect(more).toEqual({ runs: 0, datasets: 0 });
	expect([...files().keys()].sort()).toEqual(
		before.filter((path) => !own(id).includes(path)).sort(),
	);
	expect(written).toEqual([paths.index]);
});

test('a run that was deleted by hand goes with the folder of its checkpoints, others stay', async () => {
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	await save(other, 10, 1);
	await pass();
	await deleteRun(db, ids.run);
	const deletions = [ids.run, other].map((id) => ({ kind: 'run', id }) as const);
	const { holds } = await pass({ deletions });
	expect(holds).toMatchObject({ runs: 1, checkpoints: 1 });
	expect([...(tree.get('checkpoints') as Tree).keys()]).toEqual([other]);
	// Bytes that both checkpoints have.
	expect([...files().keys()].filter((path) => path.startsWith('chunks/'))).toHaveLength(3);
});

test('what an interrupted write left of chunks goes, other files of the folder do not', async () => {
	await pass();
	const hash = 'ab'.repeat(32);
	const left = [`chunks/${hash}`, `chunks/${hash}.crswap`];
	const kept = ['chunks/readme.txt', `chunks/${hash.slice(1)}`, 'notes.txt'];
	for (const path of [...left, ...kept]) put(path, new Uint8Array(1));
	tree.set('old', new Map([['chunks', new Map([[hash, new Uint8Array(1)]])]]));
	kept.push(`old/chunks/${hash}`);
	await pass({ anew: true });
	expect(written).toEqual([paths.index]);
	const now = [...files().keys()];
	for (const path of left) expect(now).not.toContain(path);
	for (const path of kept) expect(now).toContain(path);
});

test('a checkpoint fits with what the one before gives back, to the byte', async () => {
	expect((await pass({ limit: 95 })).leftOut).toBe(1);
	expect((await pass({ limit: 96, anew: true })).leftOut).toBe(0);
	await save(ids.run, 20, 2);
	const { leftOut, holds } = await pass({ limit: 96 });
	expect({ leftOut, checkpoints: holds.checkpoints }).toEqual({ leftOut: 0, checkpoints: 1 });
	expect([...files().keys()]).toContain(paths.checkpoint(ids.run, 20));
});

test('bytes that checkpoints share count once against the limit', async () => {
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	await save(other, 10, 1);
	const { leftOut, holds } = await pass({ limit: 96 });
	expect({ leftOut, checkpoints: holds.checkpoints }).toEqual({ leftOut: 0, checkpoints: 2 });
	await save(other, 20, 2);
	expect((await pass({ limit: 96 })).leftOut).toBe(1);
	// The one before stays until there is room for the newer one.
	expect([...files().keys()]).toContain(paths.checkpoint(other, 10));
});

test('a checkpoint copied again while it is there already takes no more room', async () => {
	await pass({ limit: 96 });
	await updateRun(db, ids.run, { status: 'paused' });
	expect((await pass({ limit: 96 })).leftOut).toBe(0);
	expect(written).toEqual([paths.run(ids.run), paths.index]);
});

test('of runs that do not all have room, the one changed last has it', async () => {
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	await save(other, 10, 5);
	for (const last of [ids.run, other, ids.run]) {
		const record = (await db.get('runs', last))!;
		await db.put('runs', { ...record, updatedAt: record.updatedAt + 1e6 });
		tree = new Map();
		const { leftOut } = await pass({ limit: 96, anew: true });
		expect(leftOut).toBe(1);
		expect([...(tree.get('checkpoints') as Tree).keys()]).toEqual([last]);
	}
});

test('what is left out is told by every pass, and copied once there is room', async () => {
	expect((await pass({ limit: 95 })).leftOut).toBe(1);
	expect((await pass({ limit: 95 })).leftOut).toBe(1);
	expect(written).toEqual([]);
	const { leftOut, holds } = await pass({ limit: 96 });
	expect({ leftOut, checkpoints: holds.checkpoints }).toEqual({ leftOut: 0, checkpoints: 1 });
});

test('what is deleted while a pass goes on is passed over', async () => {
	const mapping = { instruction: null, input: null, output: 'text' };
	const other = (await addDataset(db, { name: 'other', mapping }, [])).id;
	const [first, second] = [ids.dataset, other].sort();
	const root = folderHandle(tree, () => {
		void db.delete('datasets', second!);
		void db.delete('models', ids.model);
		void db.delete('runs', ids.run);
	});
	const { holds, problems } = await mirrorPass(db, root, { limit: null, deletions: [] }, null);
	expect(holds).toMatchObject({ datasets: 1, models: 0, runs: 0, checkpoints: 0 });
	expect(problems).toEqual([]);
	expect([...files().keys()]).toContain(paths.dataset(first!));
});

test('a table of contents that is none of the lab is written over', async () => {
	tree.set(paths.index, new TextEncoder().encode('{}'));
	await pass();
	expect(written).toContain(paths.index);
	await pass();
	expect(written).toEqual([]);
});

test('a run that says the same but for its own beginning is the same run', async () => {
	await pass();
	const record = (await db.get('runs', ids.run))!;
	// Cut back to before its checkpoint, but the very run that was copied.
	await db.put('runs', { ...record, checkpointStep: null, steps: 0, updatedAt: 1 });
	expect((await pass({ anew: true })).more.runs).toBe(0);
	expect(written).toContain(paths.run(ids.run));
	await db.put('runs', record);
	await pass({ anew: true });

	await db.put('runs', { ...record, startedAt: 1, checkpointStep: 9 });
	expect((await pass({ anew: true })).more.runs).toBe(1);
	expect(written).toEqual([]);
	await db.put('runs', { ...record, startedAt: 1, checkpointStep: 10 });
	expect((await pass({ anew: true })).more.runs).toBe(0);
	expect(written).toContain(paths.run(ids.run));
});

test.each([
	['damaged', new TextEncoder().encode('{')],
	['of a form nobody reads', null],
])('a copy of a run that is %s is written over, whoever began it', async (_, bytes) => {
	await pass();
	const { text } = await sealDocument('run', {});
	put(paths.run(ids.run), bytes ?? new TextEncoder().encode(text));
	const record = (await db.get('runs', ids.run))!;
	await db.put('runs', { ...record, startedAt: 1, checkpointStep: null });
	expect((await pass({ anew: true })).more.runs).toBe(0);
	expect(written).toContain(paths.run(ids.run));
});

test('a library of which bytes are damaged is told by what they belong to', async () => {
	const newest = (await newestCheckpoint(db, ids.run))!;
	await db.delete('chunks', newest.tensors[1]!.chunks[0]!.hash);
	await pass();
	const { problems, holds } = await pass();
	expect(holds).toMatchObject({ runs: 1, checkpoints: 0 });
	expect(problems).toEqual([
		expect.stringMatching(
			`^Run ${ids.run}: The stored checkpoint of run ${ids.run} after 10 updates is damaged: its tensors, chunk \\w+, is missing\\..* It is not copied; resume the run`,
		),
	]);
	const { chunks } = (await db.get('datasets', ids.dataset))!;
	await db.delete('chunks', chunks[0]!.hash);
	tree.delete('datasets');
	await expect(pass({ anew: true })).rejects.toThrow(
		/^The stored dataset pairs is damaged: rows, chunk .* Import it again\.$/,
	);
});

test('a library of a newer version is refused in words', async () => {
	await pass();
	const { text } = await sealDocument('library', {});
	put(paths.index, new TextEncoder().encode(text.replace('"version": 1', '"version": 12')));
	await expect(pass()).rejects.toMatchObject({
		name: 'BadInput',
		message:
			'The folder holds a library of a newer version of the lab (format 12). It is left as it is: update this lab, or choose another folder.',
	});
});
