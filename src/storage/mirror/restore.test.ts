/** What is said while a library comes back, and of what does not. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Progress } from '../../contract/progress.ts';
import { saveCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { addDataset } from '../datasets.ts';
import { contentId } from '../identity.ts';
import { originFiles } from '../originTesting.ts';
import { readFinal, saveFinal } from '../results.ts';
import { startRun, updateRun } from '../runs.ts';
import { sha256 } from '../../contract/sha256.ts';
import {
	diskFull,
	environment,
	freshDatabase,
	metricRow,
	someTensors,
	stepEvents,
} from '../testing.ts';
import { openDocument, paths, sealDocument } from './format.ts';
import { mirrorPass } from './pass.ts';
import { restoreLibrary } from './restore.ts';
import { filesOf, folderHandle, smallLibrary, type Tree } from './testing.ts';

const put = Reflect.get(IDBObjectStore.prototype, 'put') as typeof diskFull;

let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let into: LabDatabase;
let heard: Progress[];
let absent: string[];

beforeEach(async () => {
	originFiles();
	db = await freshDatabase();
	ids = await smallLibrary(db);
	into = await freshDatabase();
});
afterEach(() => {
	vi.restoreAllMocks();
});

async function files(): Promise<Map<string, Blob>> {
	const tree: Tree = new Map();
	await mirrorPass(db, folderHandle(tree), { limit: null, deletions: [] }, null);
	return filesOf(tree);
}

function bringBack(from: ReadonlyMap<string, Blob>, library = into) {
	heard = [];
	absent = [];
	return restoreLibrary(
		library,
		from,
		({ name }) => {
			absent.push(name);
			return Promise.resolve();
		},
		(progress) => heard.push(progress),
	);
}

test('models come first, then datasets, then runs, and it is told how many are through', async () => {
	const report = await bringBack(await files());
	expect(heard).toEqual([
		{ done: 0, total: 3, label: 'Bringing back models' },
		{ done: 1, total: 3, label: 'Bringing back datasets' },
		{ done: 2, total: 3, label: 'Bringing back runs' },
		{ done: 3, total: 3, label: 'Bringing back' },
	]);
	expect(report).toEqual({ runs: 1, datasets: 1, kept: 0, withoutWeights: 0, problems: [] });
	expect(absent).toEqual(['tiny']);
});

test('what is there already is kept, and counted; a model that is stored is not absent', async () => {
	const report = await bringBack(await files(), db);
	expect(report).toEqual({ runs: 0, datasets: 0, kept: 3, withoutWeights: 0, problems: [] });
	expect(absent).toEqual([]);
});

test('of what was measured on a model that alone comes back which is not there', async () => {
	await saveFinal(db, ids.model, 'other tasks', [metricRow]);
	const from = await files();
	const own = { ...metricRow, mean: 9 };
	await saveFinal(db, ids.model, 'tasks', [own]);
	await db.delete('finals', [ids.model, 'other tasks']);
	await bringBack(from, db);
	expect(await readFinal(db, ids.model, 'tasks')).toEqual([own]);
	expect(await readFinal(db, ids.model, 'other tasks')).toEqual([metricRow]);
});

test('a run that never had a checkpoint comes back whole', async () => {
	const { record } = await startRun(db, { ...ids.spec, seed: 2 }, environment);
	await updateRun(db, record.id, { status: 'stopped' });
	const { withoutWeights, problems } = await bringBack(await files());
	expect({ withoutWeights, problems }).toEqual({ withoutWeights: 0, problems: [] });
	expect(await into.get('runs', record.id)).toMatchObject({
		status: 'stopped',
		checkpointStep: null,
	});
});

test('a run of which no checkpoint is whole comes back without its weights, and says so', async () => {
	const from = await files();
	const path = paths.checkpoint(ids.run, 10);
	from.set(path, new Blob(['{']));
	const report = await bringBack(from);
	expect(report).toMatchObject({ runs: 1, withoutWeights: 0 });
	expect(report.problems).toEqual([
		`Run ${ids.run}, checkpoint after 10 updates: ${path}: damaged, or not the description of a checkpoint that the lab wrote`,
		`Run ${ids.run} came back with what was measured, without its weights.`,
	]);
	expect(await into.get('runs', ids.run)).toMatchObject({ steps: 10, checkpointStep: null });
});

test('a checkpoint after more updates than there are metrics of is passed over', async () => {
	const from = await files();
	await saveCheckpoint(
		db,
		{ runId: ids.run, step: 20, metrics: stepEvents(10, 20) },
		someTensors(2),
	);
	const later = new Map([...(await files()), [paths.run(ids.run), from.get(paths.run(ids.run))!]]);
	for (const [path, file] of from) if (!later.has(path)) later.set(path, file);
	const report = await bringBack(later);
	expect(report).toMatchObject({ runs: 1, withoutWeights: 0, problems: [] });
	expect(await into.get('runs', ids.run)).toMatchObject({ steps: 10, checkpointStep: 10 });
	expect(await into.getAllKeys('checkpoints')).toEqual([[ids.run, 10]]);
});

test('a finished run stays finished', async () => {
	await updateRun(db, ids.run, { status: 'finished' });
	await bringBack(await files());
	expect(await into.get('runs', ids.run)).toMatchObject({ status: 'finished', checkpointStep: 10 });
});

test('what a run had of its own gives way to what is further', async () => {
	const from = await files();
	await startRun(into, ids.spec, environment);
	await saveFinal(into, ids.run, 'mine', [{ ...metricRow, subject: 'mine' }]);
	expect((await bringBack(from)).runs).toBe(1);
	expect(await readFinal(into, ids.run, 'mine')).toBeNull();
	expect(await into.count('metrics')).toBe(10);
	expect(await into.count('results')).toBe(await db.count('results'));
});

/** Rows and their description, sealed as the lab would, whatever the rows are. */
async function datasetOf(
	rows: string,
	count: number,
): Promise<{ id: string; from: Map<string, Blob> }> {
	const bytes = new TextEncoder().encode(rows);
	const id = await contentId([{ hash: await sha256(bytes), size: bytes.length }]);
	const mapping = { instruction: null, input: null, output: 'text' };
	const record = { id, name: 'pairs', rows: count, bytes: bytes.length, addedAt: 1, mapping };
	const { text } = await sealDocument('dataset', { record });
	const from = new Map([[paths.dataset(id), new Blob([text])]]);
	return { id, from: from.set(paths.rows(id), new Blob([bytes])) };
}

const row = '{"instruction":"","input":"","output":"x"}';

test.each([
	['no JSON', '[', 0, 'damaged: not JSON'],
	['no rows', '[1]', 1, expect.stringMatching(/^damaged: Invalid type/) as string],
	['too few', `[${row}]`, 2, '1 rows instead of 2'],
	['too many', `[${row},${row}]`, 1, '2 rows instead of 1'],
	['hostile', `[{"__proto__":1}]`, 1, 'a key is called __proto__'],
])('rows that are %s are refused by their path', async (_, rows, count, problem) => {
	const { id, from } = await datasetOf(rows, count);
	const { datasets, problems } = await bringBack(from);
	expect(datasets).toBe(0);
	expect(problems.map((text) => text.split(`${paths.rows(id)}: `))).toEqual([['', problem]]);
	expect(await into.count('chunks')).toBe(0);
});

test('rows that are as they should be are taken, and those of another dataset are not', async () => {
	const { id, from } = await datasetOf(`[${row}]`, 1);
	expect(await bringBack(from)).toMatchObject({ datasets: 1, problems: [] });
	const other = await freshDatabase();
	from.set(paths.rows(id), new Blob([`[${row.replace('x', 'y')}]`]));
	expect((await bringBack(from, other)).problems).toEqual([
		`${paths.rows(id)}: damaged: these are not the rows of ${id}`,
	]);
	expect(await other.count('chunks')).toBe(0);
});

test.each([
	['models', () => `results of the model tiny`],
	['datasets', () => `the dataset pairs`],
	['runs', () => `run ${ids.run}`],
])(
	'where the disk is full it ends, naming what of %s had no room; what came before stays',
	async (store, what) => {
		const from = await files();
		const full = store === 'models' ? 'finals' : store;
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
			this: IDBObjectStore,
			...given
		) {
			return Reflect.apply(this.name === full ? diskFull : put, this, given) as ReturnType<
				typeof put
			>;
		});
		await expect(bringBack(from)).rejects.toMatchObject({
			name: 'QuotaExceeded',
			message: expect.stringMatching(`^No room to store ${what()}: `) as string,
		});
		vi.restoreAllMocks();
		expect(await into.count('datasets')).toBe(store === 'runs' ? 1 : 0);
		expect(await into.count('runs')).toBe(0);
		// Bytes of what did not come back do not stay.
		expect(await into.count('chunks')).toBe(store === 'runs' ? 1 : 0);
	},
);

test('where there is no room for the bytes of a checkpoint it ends, naming it, and takes none before it', async () => {
	const from = await files();
	await bringBack(new Map([...from].filter(([path]) => path.startsWith('datasets/'))));
	const bytes = await into.count('chunks');
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
		this: IDBObjectStore,
		...given
	) {
		return Reflect.apply(this.name === 'chunks' ? diskFull : put, this, given) as ReturnType<
			typeof put
		>;
	});
	await expect(bringBack(from)).rejects.toMatchObject({
		name: 'QuotaExceeded',
		message: expect.stringMatching(
			`^No room to store the checkpoint of run ${ids.run} after 10 updates: at least 96 bytes`,
		) as string,
	});
	vi.restoreAllMocks();
	expect(await into.count('runs')).toBe(0);
	expect(await into.count('chunks')).toBe(bytes);
});

test('a file that cannot be read costs what it is part of', async () => {
	const from = await files();
	const rows = from.get(paths.rows(ids.dataset))!;
	vi.spyOn(rows, 'text').mockRejectedValue(new DOMException('moved', 'NotReadableError'));
	const model = from.get(paths.model(ids.model))!;
	vi.spyOn(model, 'text').mockRejectedValue(new DOMException('moved', 'NotReadableError'));
	const chunk = [...from].find(([path]) => path.startsWith('chunks/'))![1];
	vi.spyOn(chunk, 'arrayBuffer').mockRejectedValue(new DOMException('moved', 'NotReadableError'));
	const { runs, datasets, problems } = await bringBack(from);
	expect({ runs, datasets }).toEqual({ runs: 1, datasets: 0 });
	expect(problems).toEqual([
		'moved',
		expect.stringContaining(paths.rows(ids.dataset)),
		`Run ${ids.run}, checkpoint after 10 updates: moved`,
		`Run ${ids.run} came back with what was measured, without its weights.`,
	]);
});

test('what the lab adds to a document survives the way through it', async () => {
	const mapping = { instruction: null, input: null, output: 'text' };
	const { id } = await addDataset(db, { name: 'more', mapping }, []);
	const from = await files();
	const path = paths.dataset(id);
	const { record } = (await openDocument('dataset', path, from.get(path)!)) as { record: object };
	const later = { record: { ...record, later: 1 } };
	from.set(path, new Blob([(await sealDocument('dataset', later)).text]));
	await bringBack(from);
	expect((await into.get('datasets', id))!.record).toEqual(later.record);
});
