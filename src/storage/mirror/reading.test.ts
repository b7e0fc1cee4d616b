/** What is found among files from outside, and what is said of one that is not as it should be. */
import { expect, test } from 'vitest';
import { runId } from '../../contract/runId.ts';
import { sha256 } from '../../contract/sha256.ts';
import { contentId } from '../identity.ts';
import { environment, runSpec, someBytes } from '../testing.ts';
import { type DocumentKind, paths, sealDocument } from './format.ts';
import {
	checkpointsIn,
	findLibrary,
	idsIn,
	readChunkFile,
	readDatasetFile,
	readModelFile,
	readRunFile,
	savedAt,
} from './reading.ts';

const filesAt = (...names: string[]) => new Map(names.map((name) => [name, new Blob([name])]));

const sealed = async (kind: DocumentKind, content: unknown) =>
	new Blob([(await sealDocument(kind, content)).text]);

const library = [
	'library.json',
	'runs/a.json',
	'models/a.json',
	'datasets/a.json',
	'datasets/a.rows.json',
	'checkpoints/a/10.json',
	`chunks/${'0f'.repeat(32)}`,
];

test.each(library)('a library is known by %s alone, however deep it lies', (path) => {
	for (const place of ['', 'backup/', 'a/b/'])
		expect([...findLibrary(filesAt(place + path), 'x').keys()]).toEqual([path]);
});

test.each([
	...['library.jsonl', 'runs/a.json.bak', 'runs/.json/a', 'runs/a/b.json', 'runs.json'],
	...['checkpoints/10.json', 'chunks/0f', `chunks/${'0F'.repeat(32)}`, `chunks/${'0f'.repeat(33)}`],
])('%s is no part of a library', (path) => {
	expect(() => findLibrary(filesAt(path), 'holiday')).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message:
				'holiday: no library of the lab in it; choose a folder or a tar archive that the lab wrote.',
		}),
	);
});

test('files beside a library, and what lies deeper in it, are left out', () => {
	const beside = ['photo.jpg', 'backup/photo.jpg', 'backup/old/runs/a.json'];
	const files = filesAt(...beside, ...library.map((path) => `backup/${path}`));
	expect([...findLibrary(files, 'x').keys()]).toEqual(library);
});

test('of two libraries beside each other none is taken', () => {
	const both = filesAt('a/runs/a.json', 'b/runs/a.json');
	expect(() => findLibrary(both, 'chosen')).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message: 'chosen: more than one library in it; choose one of them.',
		}),
	);
});

test('ids are those of file names, in order; rows are no dataset of their own', () => {
	const files = filesAt('runs/bb.json', 'runs/aa.json', 'datasets/c.json', 'datasets/c.rows.json');
	for (const path of ['datasets/d/e.json', 'runs/f.txt', 'runs/g.json.bak', 'old/runs/h.json'])
		files.set(path, new Blob());
	expect(idsIn(files, 'runs')).toEqual(['aa', 'bb']);
	expect(idsIn(files, 'datasets')).toEqual(['c']);
	expect(idsIn(files, 'models')).toEqual([]);
});

test('when a library was written is what its table of contents says; null where that is damaged or missing', async () => {
	const at = async (content: unknown) =>
		savedAt(new Map([[paths.index, await sealed('library', content)]]));
	expect(await at({ savedAt: 5, runs: 1 })).toBe(5);
	expect(await at({ savedAt: 'today' })).toBeNull();
	expect(await savedAt(filesAt(paths.index))).toBeNull();
	expect(await savedAt(new Map())).toBeNull();
});

async function runFile(change: object = {}) {
	const spec = runSpec();
	const id = await runId(spec);
	const record = {
		...{ id, spec, status: 'paused', steps: 0, checkpointStep: null, environment, earlier: [] },
		...{ receipt: null, error: null, startedAt: 1, updatedAt: 2, ...change },
	};
	const lists = { metrics: [], results: [], measurements: [], finals: [], answers: [] };
	return { id, content: { record, ...lists } };
}

test('a run is read under the id that its specification makes, and under no other', async () => {
	const { id, content } = await runFile();
	const read = async (of: string, what: object) =>
		readRunFile(new Map([[paths.run(of), await sealed('run', what)]]), of);
	expect(await read(id, content)).toEqual(content);

	const other = 'f'.repeat(16);
	await expect(read(other, content)).rejects.toMatchObject({
		name: 'BadInput',
		message: `runs/${other}.json: it is about ${id}, not about ${other}`,
	});
	const renamed = (await runFile({ id: other })).content;
	await expect(read(other, renamed)).rejects.toThrow(`it is about ${id}, not about ${other}`);
	await expect(readRunFile(new Map(), id)).rejects.toMatchObject({
		name: 'BadInput',
		message: `runs/${id}.json: missing`,
	});
});

test('what a document lacks is told by path, field and reason', async () => {
	const { id, content } = await runFile({ steps: -1 });
	const path = paths.run(id);
	const read = async (what: unknown) =>
		readRunFile(new Map([[path, await sealed('run', what)]]), id);
	await expect(read(content)).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(`^${path}: record\\.steps: Invalid value`) as string,
	});
	await expect(read(1)).rejects.toThrow(new RegExp(`^${path}: content: Invalid type`));
});

test('a model is read under the id that its files make', async () => {
	const files = [{ name: 'a', size: 4, chunks: [{ hash: '0f'.repeat(32), size: 4 }] }];
	const id = await contentId(files.map(({ name, chunks }) => ({ name, chunks })));
	const model = {
		id,
		name: 'tiny',
		parameters: 1,
		bytes: 4,
		addedAt: 1,
		config: {},
		files,
		finals: [],
	};
	const read = async (of: string, what: object) =>
		readModelFile(new Map([[paths.model(of), await sealed('model', what)]]), of);
	expect(await read(id, model)).toEqual(model);
	const other = 'f'.repeat(32);
	await expect(read(other, model)).rejects.toThrow(`models/${other}.json: it is about ${id}`);
	await expect(read(other, { ...model, id: other })).rejects.toThrow(
		`it is about ${id}, not about`,
	);
	const another = { ...model, files: [{ ...files[0], name: 'b' }] };
	await expect(read(id, another)).rejects.toThrow(`not about ${id}`);
});

test('a dataset is taken with its rows only, of as many bytes as it says', async () => {
	const id = 'a'.repeat(32);
	const mapping = { instruction: null, input: null, output: 'text' };
	const record = { id, name: 'pairs', rows: 1, bytes: 2, addedAt: 1, mapping };
	const read = async (of: string, rows: Blob | null) => {
		const files = new Map([[paths.dataset(of), await sealed('dataset', { record })]]);
		if (rows) files.set(paths.rows(of), rows);
		return readDatasetFile(files, of);
	};
	const rows = new Blob(['[]']);
	expect(await read(id, rows)).toEqual({ record, rows });
	await expect(read(id, null)).rejects.toMatchObject({
		name: 'BadInput',
		message: `datasets/${id}.rows.json: missing`,
	});
	await expect(read(id, new Blob(['[1]']))).rejects.toMatchObject({
		name: 'BadInput',
		message: `datasets/${id}.rows.json: 3 bytes instead of 2`,
	});
	const other = 'b'.repeat(32);
	await expect(read(other, rows)).rejects.toThrow(`it is about ${id}, not about ${other}`);
});

test('checkpoints of a run are the newest first, each read when it is asked for', async () => {
	const id = '0123456789abcdef';
	const checkpoint = { runId: id, step: 9, tensors: [], bytes: 0, savedAt: 1 };
	const files = filesAt(
		...[`checkpoints/${id}/20.json`, `checkpoints/${id}/100.json`],
		...[`checkpoints/${id}/x.json`, `checkpoints/${id}/1.json.part`, 'checkpoints/other/5.json'],
		...[`checkpoints/${id}/${'9'.repeat(16)}.json`, `a/checkpoints/${id}/3.json`],
	);
	files.set(`checkpoints/${id}/9.json`, await sealed('checkpoint', checkpoint));
	files.set(`checkpoints/${id}/8.json`, await sealed('checkpoint', checkpoint));
	const found = checkpointsIn(files, id);
	expect(found.map(({ step }) => step)).toEqual([100, 20, 9, 8]);
	expect(await found[2]!.read()).toEqual(checkpoint);
	await expect(found[3]!.read()).rejects.toThrow(
		`checkpoints/${id}/8.json: it is about ${id}/9, not about ${id}/8`,
	);
	await expect(found[0]!.read()).rejects.toThrow(`checkpoints/${id}/100.json: damaged`);
});

test('a chunk has the bytes that its name and whoever refers to it say', async () => {
	const bytes = someBytes(100, 1);
	const chunk = { hash: await sha256(bytes), size: 100 };
	const path = paths.chunk(chunk.hash);
	const read = (content: Uint8Array<ArrayBuffer> | null) =>
		readChunkFile(new Map(content ? [[path, new Blob([content])]] : []), chunk);
	expect(await read(bytes)).toEqual(bytes);
	for (const [content, problem] of [
		[null, 'missing'],
		[bytes.subarray(1), '99 bytes instead of 100'],
		[someBytes(100, 2), 'damaged: its bytes do not have this sha-256'],
	] as const)
		await expect(read(content && content.slice())).rejects.toMatchObject({
			name: 'BadInput',
			message: `${path}: ${problem}`,
		});
});
