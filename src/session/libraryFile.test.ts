/** One file that holds the library: for another machine, and for versions to come. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { LibrarySource } from '../contract/mirror.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import type { LabDatabase } from '../storage/database.ts';
import { recordsOf, smallLibrary } from '../storage/mirror/testing.ts';
import { freshDatabase } from '../storage/testing.ts';
import { createStore } from './store.ts';

const silent = () => undefined;
let db: LabDatabase;
let ids: Awaited<ReturnType<typeof smallLibrary>>;
let store: StoreApi;

beforeEach(async () => {
	db = await freshDatabase();
	ids = await smallLibrary(db);
	store = createStore(() => Promise.resolve(db));
});

async function broughtBack(source: LibrarySource) {
	const into = await freshDatabase();
	const report = await createStore(() => Promise.resolve(into)).bringBack(source, silent);
	return { into, report };
}

/** All records, the run as one that nobody trains. */
async function expected(): Promise<object> {
	const records = (await recordsOf(db)) as { runs: { values: object[] } };
	records.runs.values = records.runs.values.map((run) => ({ ...run, status: 'paused' }));
	return records;
}

test('an archive is one that tar reads, and brings everything back', async () => {
	const { saved, file } = await store.saveLibrary(true, null, silent);
	expect(saved).toEqual({ runs: 1, datasets: 1, bytes: file!.size, problems: [] });
	expect(file!.name).toMatch(/^cogsym-library-\d{4}-\d\d-\d\d\.tar$/);
	const folder = mkdtempSync(join(tmpdir(), 'library-'));
	writeFileSync(join(folder, 'x.tar'), new Uint8Array(await file!.arrayBuffer()));
	const listed = execFileSync('tar', ['tf', 'x.tar'], { cwd: folder }).toString();
	rmSync(folder, { recursive: true });
	expect(listed).toContain(`cogsym-library/runs/${ids.run}.json`);
	const { into, report } = await broughtBack({ kind: 'archive', file: file! });
	expect(report).toMatchObject({ runs: 1, datasets: 1, problems: [] });
	expect(await recordsOf(into)).toEqual(await expected());
});

test('without checkpoints it has results only, and says so', async () => {
	const { file } = await store.saveLibrary(false, null, silent);
	const { into, report } = await broughtBack({ kind: 'archive', file: file! });
	expect(report).toMatchObject({ runs: 1, withoutWeights: 1, problems: [] });
	expect(await into.count('checkpoints')).toBe(0);
	expect(await into.count('metrics')).toBe(10);
});

test('what is damaged in the library is named and left out', async () => {
	const { chunks } = (await newestCheckpoint(db, ids.run))!.tensors[1]!;
	await db.delete('chunks', chunks[0]!.hash);
	const { saved, file } = await store.saveLibrary(true, null, silent);
	expect(saved.problems).toEqual([expect.stringContaining(chunks[0]!.hash)]);
	const { report } = await broughtBack({ kind: 'archive', file: file! });
	expect(report).toMatchObject({ runs: 1, datasets: 1, withoutWeights: 1 });
});

test('a file that cannot be written is no archive', async () => {
	let aborted = false;
	let left = 5;
	const handle = {
		createWritable: () =>
			Promise.resolve({
				write: () =>
					(left -= 1) > 0
						? Promise.resolve()
						: Promise.reject(new DOMException('full', 'QuotaExceededError')),
				close: () => Promise.reject(new Error('closed half-way')),
				abort: () => {
					aborted = true;
					return Promise.resolve();
				},
			}),
	} as unknown as FileSystemFileHandle;
	await expect(store.saveLibrary(true, handle, silent)).rejects.toMatchObject({
		name: 'QuotaExceededError',
	});
	expect(aborted).toBe(true);
});

test('an archive of format 1 opens', async () => {
	const bytes = readFileSync(new URL('library-1.tar', import.meta.url));
	const file = new File([bytes], 'library-1.tar');
	const { into, report } = await broughtBack({ kind: 'archive', file });
	expect(report).toEqual({ runs: 1, datasets: 1, kept: 0, withoutWeights: 0, problems: [] });
	const [run] = await into.getAll('runs');
	expect(run).toMatchObject({ id: ids.run, checkpointStep: 10, status: 'paused' });
	expect(await into.count('metrics')).toBe(10);
	for (const name of ['results', 'finals', 'answers', 'measurements', 'chunks'] as const)
		expect(await into.count(name), name).toBeGreaterThan(0);
});
