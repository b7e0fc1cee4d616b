/** What a mirror holds, follows and never loses; and that a library comes back from it as it was. */
import { beforeEach, describe, expect, test } from 'vitest';
import { newestCheckpoint, readCheckpointTensor, saveCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { addDataset, listDatasets, readDataset } from '../datasets.ts';
import { holdRun } from '../locks.ts';
import { originFiles } from '../originTesting.ts';
import { saveResults } from '../results.ts';
import { deleteRun, startRun, updateRun } from '../runs.ts';
import {
	environment,
	freshDatabase,
	metricRow,
	runSpec,
	someTensors,
	stepEvents,
	tensorValues,
} from '../testing.ts';
import { paths, sealDocument } from './format.ts';
import { mirrorPass, type PassOutcome } from './pass.ts';
import { findLibrary } from './reading.ts';
import { restoreLibrary } from './restore.ts';
import type { ModelContent } from './schema.ts';
import { lookAt } from './standing.ts';
import type { Deletion } from './target.ts';
import {
	filesOf,
	folderHandle,
	type Interrupt,
	recordsOf,
	smallLibrary,
	type Tree,
} from './testing.ts';

let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let tree: Tree;
let known: PassOutcome | null;

beforeEach(async () => {
	db = await freshDatabase();
	ids = await smallLibrary(db);
	tree = new Map();
	known = null;
});

async function pass(
	change: { limit?: number; deletions?: readonly Deletion[]; interrupt?: Interrupt } = {},
	library = db,
): Promise<PassOutcome> {
	const { limit = null, deletions = [], interrupt } = change;
	const root = folderHandle(tree, interrupt);
	known = await mirrorPass(library, root, { limit, deletions }, known?.survey ?? null);
	return known;
}

const pathsNow = () => [...filesOf(tree).keys()].sort();

async function bringBack(into: LabDatabase, files = filesOf(tree)) {
	const absent: ModelContent[] = [];
	const report = await restoreLibrary(
		into,
		findLibrary(files, 'the mirror'),
		(model) => {
			absent.push(model);
			return Promise.resolve();
		},
		() => undefined,
	);
	return { report, absent };
}

async function train(library: LabDatabase, step: number, seed: number): Promise<void> {
	const metrics = stepEvents(step - 10, step);
	await saveCheckpoint(library, { runId: ids.run, step, metrics }, someTensors(seed));
}

test('everything but the bytes of models is copied, and comes back bit for bit', async () => {
	const { holds, more, problems } = await pass();
	expect(holds).toMatchObject({ runs: 1, datasets: 1, models: 1, checkpoints: 1 });
	expect(problems).toEqual([]);
	expect(more).toEqual({ runs: 0, datasets: 0 });
	const chunks = pathsNow().filter((path) => path.startsWith('chunks/'));
	expect(chunks).toHaveLength(3);
	expect(pathsNow().filter((path) => !path.startsWith('chunks/'))).toEqual(
		[
			paths.index,
			paths.checkpoint(ids.run, 10),
			...[paths.dataset(ids.dataset), paths.rows(ids.dataset)],
			...[paths.model(ids.model), paths.run(ids.run)],
		].sort(),
	);

	const other = await freshDatabase();
	const { report, absent } = await bringBack(other);
	expect(report).toEqual({ runs: 1, datasets: 1, kept: 0, withoutWeights: 0, problems: [] });
	const expected = (await recordsOf(db)) as { runs: { values: object[] } };
	const [run] = expected.runs.values;
	// Nobody trains it any more.
	expected.runs.values = [{ ...run, status: 'paused' }];
	expect(await recordsOf(other)).toEqual(expected);
	const checkpoint = await newestCheckpoint(other, ids.run);
	const values = await readCheckpointTensor(other, checkpoint!, checkpoint!.tensors[2]!);
	expect(new Uint8Array(values.buffer)).toEqual(new Uint8Array(tensorValues(1, 2).buffer));
	expect((await readDataset(other, ids.dataset)).rows[0]!.output).toContain('\u{1F98E}');
	expect(absent).toMatchObject([
		{ id: ids.model, name: 'tiny', files: [{ name: 'model.safetensors', size: 1000 }] },
	]);
});

test('chats and what was left out come back, on a disk whose room is looked at first', async () => {
	originFiles();
	const mapping = { instruction: null, input: null, output: 'messages' };
	const leftOut = { of: 2, reasons: [{ why: 'without messages', rows: 1, first: [2] }] };
	const chat = {
		messages: [
			{ role: 'user', content: 'a' },
			{ role: 'assistant', tool_calls: [{ id: 1 }] },
		],
		tools: [{ name: 'f' }],
	};
	const rows = [{ instruction: '', input: '', output: '', chat }];
	const record = await addDataset(db, { name: 'chats', mapping, leftOut }, rows);
	await pass();
	const other = await freshDatabase();
	expect((await bringBack(other)).report).toMatchObject({ runs: 1, datasets: 2, problems: [] });
	expect(await readDataset(other, record.id)).toEqual({ record, rows });
});

test('a pass writes what changed and nothing else', async () => {
	await pass();
	const written: string[] = [];
	const interrupt = (path: string) => void written.push(path);
	await pass({ interrupt });
	known = null;
	await pass({ interrupt });
	expect(written).toEqual([]);
	await saveResults(db, ids.run, [{ ...metricRow, mean: 1 }]);
	known = null;
	await pass({ interrupt });
	expect(written).toEqual([paths.run(ids.run), paths.index]);
});

test('a newer checkpoint takes the place of the former one', async () => {
	await pass();
	await train(db, 20, 2);
	const { holds } = await pass();
	expect(holds.checkpoints).toBe(1);
	expect(pathsNow()).toContain(paths.checkpoint(ids.run, 20));
	expect(pathsNow()).not.toContain(paths.checkpoint(ids.run, 10));
	expect(pathsNow().filter((path) => path.startsWith('chunks/'))).toHaveLength(3);
});

test('wherever a pass is cut off, the former checkpoint or the new one is whole', async () => {
	await pass();
	await train(db, 20, 2);
	const steps: number[] = [];
	for (let last = 0; ; last += 1) {
		tree = structuredClone(tree);
		known = null;
		let writes = 0;
		const cut = () => {
			if (writes++ === last) throw new DOMException('gone', 'AbortError');
		};
		const ended = await pass({ interrupt: cut }).then(
			() => true,
			() => false,
		);
		const other = await freshDatabase();
		const { report } = await bringBack(other);
		expect(report.runs, `after ${last} writes`).toBe(1);
		const checkpoint = await newestCheckpoint(other, ids.run);
		for (const tensor of checkpoint!.tensors)
			await readCheckpointTensor(other, checkpoint!, tensor);
		steps.push(checkpoint!.step);
		if (ended) break;
	}
	expect(new Set(steps)).toEqual(new Set([10, 20]));
	expect(steps.at(-1)).toBe(20);
});

describe('what is lost in the library stays in the mirror', () => {
	test('an empty library empties nothing and says what the mirror has', async () => {
		await pass();
		const before = pathsNow();
		known = null;
		const { more, holds } = await pass({}, await freshDatabase());
		expect(pathsNow()).toEqual(before);
		expect(more).toEqual({ runs: 1, datasets: 1 });
		expect(holds.runs).toBe(1);
	});

	test('a run begun anew does not write over what the mirror has of it, until it has as much', async () => {
		await train(db, 20, 2);
		await pass();
		const other = await freshDatabase();
		await new Promise((resolve) => setTimeout(resolve, 2));
		await startRun(other, ids.spec, environment);
		known = null;
		expect((await pass({}, other)).more.runs).toBe(1);
		await train(other, 10, 5);
		expect((await pass({}, other)).more.runs).toBe(1);
		expect(pathsNow()).toContain(paths.checkpoint(ids.run, 20));
		await train(other, 20, 6);
		await train(other, 30, 7);
		expect((await pass({}, other)).more.runs).toBe(0);
		expect(pathsNow()).toContain(paths.checkpoint(ids.run, 30));
	});

	test('only what was deleted by hand goes, with its bytes', async () => {
		await pass();
		await deleteRun(db, ids.run);
		await pass();
		expect(pathsNow()).toContain(paths.run(ids.run));
		const deletions = [{ kind: 'run', id: ids.run }] as const;
		expect((await pass({ deletions })).holds).toMatchObject({ runs: 0, checkpoints: 0 });
		expect(pathsNow().filter((path) => /runs|checkpoints|chunks/.test(path))).toEqual([]);
		expect(pathsNow()).toContain(paths.rows(ids.dataset));
	});

	test('a run that was deleted and begun again stays', async () => {
		await pass();
		expect((await pass({ deletions: [{ kind: 'run', id: ids.run }] })).holds.runs).toBe(1);
	});
});

test('checkpoints beyond the limit are left out and told; what was measured is copied', async () => {
	const { leftOut, holds } = await pass({ limit: 50 });
	expect(leftOut).toBe(1);
	expect(holds).toMatchObject({ runs: 1, checkpoints: 0 });
	const other = await freshDatabase();
	const { report } = await bringBack(other);
	expect(report).toMatchObject({ runs: 1, withoutWeights: 1, problems: [] });
	expect(await other.get('runs', ids.run)).toMatchObject({ checkpointStep: null, steps: 10 });
	known = null;
	expect((await pass({ limit: 96 })).leftOut).toBe(0);
});

test('a damaged checkpoint of the library is told and its copy kept', async () => {
	await pass();
	await train(db, 20, 2);
	const { chunks } = (await newestCheckpoint(db, ids.run))!.tensors[1]!;
	await db.put('chunks', new ArrayBuffer(32), chunks[0]!.hash);
	const { problems } = await pass();
	expect(problems).toEqual([expect.stringMatching(`Run ${ids.run}: .*${chunks[0]!.hash}`)]);
	expect(pathsNow()).toContain(paths.checkpoint(ids.run, 10));
});

test('a library of a newer version is left as it is', async () => {
	await pass();
	const { text } = await sealDocument('library', {});
	const newer = new TextEncoder().encode(text.replace('"version": 1', '"version": 2'));
	tree.set(paths.index, newer);
	const before = structuredClone(tree);
	await train(db, 20, 2);
	await expect(pass()).rejects.toThrow(/newer version of the lab \(format 2\)/);
	expect(tree).toEqual(before);
});

describe('bringing back into a library that has something', () => {
	test('takes what is further, keeps what is newer, and says so before', async () => {
		await train(db, 20, 2);
		await pass();
		const other = await freshDatabase();
		await bringBack(other);
		const standing = async () => (await lookAt(other, filesOf(tree))).things.at(-1)?.standing;
		expect(await standing()).toBe('same');
		expect((await bringBack(other)).report).toMatchObject({ runs: 0, kept: 2 });
		await train(db, 30, 3);
		await pass();
		expect(await standing()).toBe('further');
		expect((await bringBack(other)).report.runs).toBe(1);
		await train(other, 40, 4);
		expect(await standing()).toBe('behind');
		expect((await bringBack(other)).report.runs).toBe(0);
		expect(await other.get('runs', ids.run)).toMatchObject({ checkpointStep: 40 });
	});

	test('leaves a run alone that is training, and names it', async () => {
		await pass();
		const other = await freshDatabase();
		const { report } = await holdRun(ids.run, () => bringBack(other));
		expect(report).toMatchObject({ runs: 0, datasets: 1 });
		expect(report.problems).toEqual([expect.stringContaining(ids.run)]);
	});

	test('a run whose own specification was changed is another run', async () => {
		await pass();
		const record = { ...(await db.get('runs', ids.run))!, spec: runSpec({ seed: 9 }) };
		const { text } = await sealDocument('run', {
			...{ record, metrics: [], results: [], measurements: [], finals: [], answers: [] },
		});
		const files = filesOf(tree).set(paths.run(ids.run), new Blob([text]));
		const { report } = await bringBack(await freshDatabase(), files);
		expect(report.problems).toEqual([expect.stringMatching(/runs\/\w+\.json: it is about \w+/)]);
	});
});

test('a finished run whose newest checkpoint is damaged goes on from the one before', async () => {
	await pass();
	const former = filesOf(tree);
	await train(db, 20, 2);
	await updateRun(db, ids.run, { status: 'finished' });
	await pass();
	const newest = (await newestCheckpoint(db, ids.run))!;
	const files = new Map([...former, ...filesOf(tree)]);
	files.set(paths.chunk(newest.tensors[0]!.chunks[0]!.hash), new Blob([new Uint8Array(16)]));
	const other = await freshDatabase();
	const { report } = await bringBack(other, files);
	expect(report.runs).toBe(1);
	expect(report.problems).toEqual([
		expect.stringMatching(/checkpoint after 20 updates: chunks\/\w+: damaged/),
		`Run ${ids.run} goes on from update 10, its newest whole checkpoint.`,
	]);
	expect(await other.get('runs', ids.run)).toMatchObject({ status: 'paused', checkpointStep: 10 });

	// What the library has is not given up for less.
	await train(other, 15, 5);
	expect((await bringBack(other, files)).report.problems.join(' ')).toContain(
		'stays as the library has it, with 15 updates',
	);
	expect(await other.get('runs', ids.run)).toMatchObject({ checkpointStep: 15 });
	expect(await listDatasets(other)).toHaveLength(1);
});
