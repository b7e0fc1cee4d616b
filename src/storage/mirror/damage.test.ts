/** Files come from outside: whatever is wrong with one is named, the rest comes back, and nothing wrong is stored. */
import { beforeEach, expect, test } from 'vitest';
import type { BroughtBack } from '../../contract/mirror.ts';
import { newestCheckpoint, readCheckpointTensor } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { freshDatabase, someBytes } from '../testing.ts';
import { openDocument, paths, sealDocument } from './format.ts';
import { mirrorPass } from './pass.ts';
import { findLibrary, type LibraryFiles } from './reading.ts';
import { restoreLibrary } from './restore.ts';
import { filesOf, folderHandle, recordsOf, smallLibrary, type Tree } from './testing.ts';

let files: ReadonlyMap<string, Blob>;
let ids: Awaited<ReturnType<typeof smallLibrary>>;

beforeEach(async () => {
	const db = await freshDatabase();
	ids = await smallLibrary(db);
	const tree: Tree = new Map();
	await mirrorPass(db, folderHandle(tree), { limit: null, deletions: [] }, null);
	files = filesOf(tree);
});

async function restored(
	from: LibraryFiles,
): Promise<{ into: LabDatabase; report: BroughtBack; models: number }> {
	const into = await freshDatabase();
	let models = 0;
	const report = await restoreLibrary(
		into,
		findLibrary(from, 'folder'),
		() => {
			models += 1;
			return Promise.resolve();
		},
		() => undefined,
	);
	return { into, report, models };
}

const withFile = (path: string, content: Blob | null) => {
	const changed = new Map(files);
	if (content) changed.set(path, content);
	else changed.delete(path);
	return changed;
};

/** Content of a document with a part of it replaced, sealed as if the lab had written it. */
async function forged(
	kind: 'run' | 'dataset' | 'model' | 'checkpoint',
	path: string,
	change: (content: Record<string, unknown>) => void,
): Promise<LibraryFiles> {
	const content = (await openDocument(kind, path, files.get(path)!)) as Record<string, unknown>;
	change(content);
	return withFile(path, new Blob([(await sealDocument(kind, content)).text]));
}

test.each([...['runs/', 'models/', 'datasets/', 'checkpoints/', 'chunks/']])(
	'one flipped bit in %s is named, or changes nothing that is stored',
	async (folder) => {
		const whole = await recordsOf((await restored(files)).into);
		const random = someBytes(4 * 12, 7);
		const all = [...files.keys()].filter((path) => path.startsWith(folder));
		for (let round = 0; round < 12; round += 1) {
			const [a = 0, b = 0, c = 0, d = 0] = random.subarray(4 * round);
			const path = all[a % all.length]!;
			const bytes = new Uint8Array(await files.get(path)!.arrayBuffer());
			const at = (256 * b + c) % bytes.length;
			bytes[at]! ^= 1 << (d & 7);
			const { into, report, models } = await restored(withFile(path, new Blob([bytes])));
			const told = report.problems.length > 0;
			const records = await recordsOf(into);
			const same = JSON.stringify(records) === JSON.stringify(whole) && models === 1;
			expect(told || same, `${path} at ${at}`).toBe(true);
			if (told)
				expect(report.problems[0], `${path} at ${at}`).toMatch(
					/(runs|models|datasets|chunks|checkpoints)\/|id/,
				);
			const checkpoint = await newestCheckpoint(into, ids.run);
			for (const tensor of checkpoint?.tensors ?? [])
				await readCheckpointTensor(into, checkpoint!, tensor);
		}
	},
);

test('one changed digit of a measured value is named, and the run not taken', async () => {
	const path = paths.run(ids.run);
	const text = await files.get(path)!.text();
	const changed = text.replace('"gradientNorm": 1.5', '"gradientNorm": 1.4');
	expect(changed).not.toBe(text);
	const { into, report } = await restored(withFile(path, new Blob([changed])));
	expect(report.problems).toEqual([`${path}: damaged: its content is not what its sha-256 says`]);
	expect(await into.count('runs')).toBe(0);
});

test.each([
	['a missing chunk', 'chunks/', { runs: 1, datasets: 1 }],
	['missing rows', 'rows.json', { runs: 1, datasets: 0 }],
	['a missing checkpoint', 'checkpoints/', { runs: 1, datasets: 1, withoutWeights: 1 }],
	['a missing run', 'runs/', { runs: 0, datasets: 1 }],
	['a missing table of contents', 'library.json', { runs: 1, datasets: 1 }],
])('%s costs what it is part of only', async (_, part, expected) => {
	const path = [...files.keys()].find((one) => one.includes(part))!;
	expect((await restored(withFile(path, null))).report).toMatchObject(expected);
});

test.each([
	['a path for an id', (record: Record<string, unknown>) => (record['id'] = '../../etc')],
	['a negative number of updates', (record: Record<string, unknown>) => (record['steps'] = -1)],
	['a status nobody knows', (record: Record<string, unknown>) => (record['status'] = 'done')],
])('a forged run with %s is refused by its path and field', async (_, change) => {
	const from = await forged('run', paths.run(ids.run), (content) => {
		change(content['record'] as Record<string, unknown>);
	});
	const { into, report } = await restored(from);
	expect(report).toMatchObject({ runs: 0, datasets: 1 });
	expect(report.problems).toEqual([
		expect.stringMatching(/^runs\/[0-9a-f]{16}\.json: record\.(id|steps|status): /),
	]);
	expect(await into.count('runs')).toBe(0);
});

test('keys that reach into prototypes, and endless nesting, are refused', async () => {
	const text = await files.get(paths.run(ids.run))!.text();
	const hostile = [
		text.replace('"record": {', '"record": { "__proto__": { "status": "finished" },'),
		text.replace('"record": {', `"record": { "x": ${'['.repeat(1e5)}${']'.repeat(1e5)},`),
	];
	for (const one of hostile) {
		const { report } = await restored(withFile(paths.run(ids.run), new Blob([one])));
		expect(report.runs).toBe(0);
		expect(report.problems).toEqual([expect.stringMatching(/^runs\/\w+\.json: (a key|nested)/)]);
	}
	expect(({} as { status?: string }).status).toBeUndefined();
});

test('a checkpoint whose shapes and bytes differ, or that is another run’s, is not taken', async () => {
	const path = paths.checkpoint(ids.run, 10);
	const changes = [
		(content: Record<string, unknown>) =>
			((content['tensors'] as { shape: number[] }[])[0]!.shape = [1e9, 1e9]),
		(content: Record<string, unknown>) => (content['runId'] = '0'.repeat(16)),
		(content: Record<string, unknown>) =>
			((content['tensors'] as { chunks: { hash: string }[] }[])[0]!.chunks[0]!.hash = '../x'),
	];
	for (const change of changes) {
		const { into, report } = await restored(await forged('checkpoint', path, change));
		expect(report.problems[0]).toContain(path);
		expect(await into.count('checkpoints')).toBe(0);
		expect(await into.count('chunks')).toBe(1);
		expect(await into.get('runs', ids.run)).toMatchObject({ checkpointStep: null });
	}
});

test('rows of another dataset are not taken for these', async () => {
	const path = paths.rows(ids.dataset);
	const rows = await files.get(path)!.text();
	const other = rows.replace('Gecko', 'Gekko');
	const { into, report } = await restored(withFile(path, new Blob([other])));
	expect(report.problems).toEqual([expect.stringContaining(`${path}: damaged`)]);
	expect(await into.count('datasets')).toBe(0);
	expect(await into.count('chunks')).toBe(3);
});

test('a library may lie deeper in what was chosen; none, or two, are refused', () => {
	const at = (place: string) =>
		[...files].map(([path, file]): [string, Blob] => [place + path, file]);
	expect(findLibrary(new Map(at('backup/cogsym-library/')), 'x').size).toBe(files.size);
	expect(() => findLibrary(new Map([['photo.jpg', new Blob()]]), 'holiday')).toThrow(
		/holiday: no library of the lab in it/,
	);
	expect(() => findLibrary(new Map([...at('a/'), ...at('b/')]), 'x')).toThrow(/more than one/);
});

test('runs of the first versions, which say nothing of earlier devices, come back', async () => {
	const from = await forged('run', paths.run(ids.run), (content) => {
		delete (content['record'] as Record<string, unknown>)['earlier'];
	});
	const { into } = await restored(from);
	expect(await into.get('runs', ids.run)).toMatchObject({ earlier: [] });
});
