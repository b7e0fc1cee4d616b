/** What is known of a mirror before it is written to, and what is said of a library before it is taken. */
import { beforeEach, expect, test } from 'vitest';
import { newestCheckpoint, saveCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { readAnswers } from '../results.ts';
import { updateRun } from '../runs.ts';
import { freshDatabase, someTensors, stepEvents } from '../testing.ts';
import { chunksOf, readRunContent } from './content.ts';
import { openDocument, paths, sealDocument } from './format.ts';
import { mirrorPass } from './pass.ts';
import { lookAt, messageOf, standingOf } from './standing.ts';
import { hasChunk, idsOf, surveyMirror } from './survey.ts';
import { filesOf, folderHandle, smallLibrary, type Tree } from './testing.ts';

let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let tree: Tree;

beforeEach(async () => {
	db = await freshDatabase();
	ids = await smallLibrary(db);
	tree = new Map();
	await mirrorPass(db, folderHandle(tree), { limit: null, deletions: [] }, null);
});

const survey = () => surveyMirror(folderHandle(tree), 'index');
const folder = (name: string) => tree.get(name) as Tree;
const bytesOf = (text: string) => new TextEncoder().encode(text);

test('sizes are known of all files, hashes of the documents that state one', async () => {
	folder('runs').set('damaged.json', bytesOf('{'));
	folder('runs').set('ab.json.part', filesIn('runs')[0]!);
	tree.set('old', new Map([['runs', new Map(folder('runs'))]]));
	const { index, sizes, seals, stamps } = await survey();
	expect(index).toBe('index');
	expect([...sizes]).toEqual([...filesOf(tree)].map(([path, { size }]) => [path, size]));
	const expected = [
		[paths.run(ids.run), 'run'],
		[paths.dataset(ids.dataset), 'dataset'],
		[paths.model(ids.model), 'model'],
		[paths.checkpoint(ids.run, 10), 'checkpoint'],
	] as const;
	expect([...seals.keys()].sort()).toEqual(expected.map(([path]) => path).sort());
	for (const [path, kind] of expected) {
		const content = await openDocument(kind, path, filesOf(tree).get(path)!);
		expect(seals.get(path)).toBe((await sealDocument(kind, content)).seal);
	}
	expect(stamps.size).toBe(0);
});

const filesIn = (name: string) =>
	[...folder(name).values()].filter(
		(file): file is Uint8Array<ArrayBuffer> => file instanceof Uint8Array,
	);

test('of a checkpoint it is known what it refers to; of a damaged one nothing', async () => {
	const path = paths.checkpoint(ids.run, 10);
	const { chunks } = await survey();
	expect([...chunks.keys()]).toEqual([path]);
	expect(chunks.get(path)!.map(({ size }) => size)).toEqual([16, 32, 48]);
	const inner = folder('checkpoints').get(ids.run) as Tree;
	const { text } = await sealDocument('checkpoint', { runId: ids.run });
	for (const bad of ['{', text]) {
		inner.set('10.json', bytesOf(bad));
		expect((await survey()).chunks.size).toBe(0);
	}
});

test('every chunk of a checkpoint is named once, in order', async () => {
	const checkpoint = (await newestCheckpoint(db, ids.run))!;
	const [a, b, c] = checkpoint.tensors;
	const twice = { ...checkpoint, tensors: [b!, a!, b!, c!] };
	expect(chunksOf(twice)).toEqual([...b!.chunks, ...a!.chunks, ...c!.chunks]);
});

test('of a run its answers are read as they can be read back: no list of none', async () => {
	await db.put('answers', [], [ids.run, 'words', 'B to A', 'base']);
	const { content, checkpoint } = (await readRunContent(db, ids.run))!;
	expect(content.answers).toEqual([await readAnswers(db, ids.run)]);
	expect(checkpoint).toEqual(await newestCheckpoint(db, ids.run));
	expect(await readRunContent(db, 'gone')).toBeNull();
});

test('a folder that cannot be read is not taken for an empty one', async () => {
	const failing = {
		...{ size: 10, slice: () => new Blob(['{']) },
		text: () => Promise.reject(new DOMException('lost', 'NotReadableError')),
	};
	const entry = (name: string, inner: object) => ({
		kind: 'directory',
		async *entries() {
			await Promise.resolve();
			yield [name, inner];
		},
	});
	const file = { kind: 'file', getFile: () => Promise.resolve(failing) };
	const root = entry('checkpoints', entry('a', entry('10.json', file)));
	await expect(surveyMirror(root as never, null)).rejects.toMatchObject({
		name: 'NotReadableError',
	});
});

test('ids are those of the documents of a folder', async () => {
	const known = await survey();
	for (const path of [
		'runs/x.json',
		'runs/ab.json.bak',
		'old/runs/ab.json',
		'datasets/ab.rows.json',
	])
		known.sizes.set(path, 1);
	expect(idsOf(known, 'runs')).toEqual([ids.run]);
	expect(idsOf(known, 'datasets')).toEqual([ids.dataset]);
	expect(idsOf(known, 'models')).toEqual([ids.model]);
});

test('a chunk is there when all of its bytes are', async () => {
	const known = await survey();
	const [chunk] = known.chunks.get(paths.checkpoint(ids.run, 10))!;
	expect(hasChunk(known, chunk!)).toBe(true);
	expect(hasChunk(known, { ...chunk!, size: 17 })).toBe(false);
	expect(hasChunk(known, { ...chunk!, hash: '0'.repeat(64) })).toBe(false);
});

test('a library is looked at thing by thing, and nothing of it is taken', async () => {
	const other = await freshDatabase();
	const found = await lookAt(other, filesOf(tree));
	const run = (await db.get('runs', ids.run))!;
	const at = async (store: 'models' | 'datasets', id: string) =>
		(await db.get(store, id))!.record.addedAt;
	expect(found).toEqual({
		savedAt: found.savedAt,
		things: [
			{
				...{ kind: 'model', id: ids.model, name: 'tiny', standing: 'absent' },
				at: await at('models', ids.model),
			},
			{
				...{ kind: 'dataset', id: ids.dataset, name: 'pairs', standing: 'absent' },
				at: await at('datasets', ids.dataset),
			},
			{
				...{ kind: 'run', id: ids.run, name: 'tiny', standing: 'absent', at: run.updatedAt },
				updates: { done: 10, total: 100, status: 'running' },
			},
		],
		problems: [],
	});
	expect(Math.abs(found.savedAt! - Date.now())).toBeLessThan(60_000);
	expect(await other.count('runs')).toBe(0);
	expect((await lookAt(db, filesOf(tree))).things.map(({ standing }) => standing)).toEqual([
		...['same', 'same', 'same'],
	]);
});

test('what cannot be used is told, a run without its model has its id for a name', async () => {
	const files = filesOf(tree);
	files.set(paths.model(ids.model), new Blob(['{']));
	files.delete(paths.rows(ids.dataset));
	const { things, problems } = await lookAt(await freshDatabase(), files);
	expect(things.map(({ kind, name }) => [kind, name])).toEqual([['run', ids.run]]);
	expect(problems).toEqual([
		`${paths.model(ids.model)}: damaged, or not the description of a model that the lab wrote`,
		`${paths.rows(ids.dataset)}: missing`,
	]);
});

test('further is who has more updates in a checkpoint that is there, then who was changed last', async () => {
	const metrics = stepEvents(10, 20);
	await saveCheckpoint(db, { runId: ids.run, step: 20, metrics }, someTensors(2));
	const record = await updateRun(db, ids.run, { status: 'paused' });
	const files = new Map([[paths.checkpoint(ids.run, 20), new Blob()]]);
	const { updatedAt } = record;
	expect(standingOf(files, record, undefined)).toBe('absent');
	expect(standingOf(files, record, record)).toBe('same');
	expect(
		standingOf(files, record, { ...record, checkpointStep: 19, updatedAt: updatedAt + 1 }),
	).toBe('further');
	expect(standingOf(files, record, { ...record, checkpointStep: 21, updatedAt: 0 })).toBe('behind');
	expect(standingOf(files, record, { ...record, checkpointStep: null })).toBe('further');
	expect(standingOf(files, record, { ...record, updatedAt: updatedAt - 1 })).toBe('further');
	expect(standingOf(files, record, { ...record, updatedAt: updatedAt + 1 })).toBe('behind');
	// What the record says of a checkpoint that is not among the files does not count.
	expect(standingOf(new Map(), record, record)).toBe('behind');
	expect(standingOf(new Map(), record, { ...record, checkpointStep: null })).toBe('same');
});

test('what is no error is told as text', () => {
	expect(messageOf(new Error('lost'))).toBe('lost');
	expect(messageOf(5)).toBe('5');
});
