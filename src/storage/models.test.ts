import { afterEach, expect, test, vi } from 'vitest';
import { collectChunks } from './collect.ts';
import { addDataset, deleteDataset, listDatasets, readDataset } from './datasets.ts';
import { holdChunks } from './locks.ts';
import { addModel, deleteModel, listModels, openStoredModel } from './models.ts';
import { deleteRun, startRun } from './runs.ts';
import { aboutModel, diskFull, environment, freshDatabase, runSpec, someBytes } from './testing.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

const weights = someBytes(3000, 1);
const files = [
	{ name: 'model.safetensors', data: new Blob([weights]) },
	{ name: 'config.json', data: new Blob(['{}']) },
];
const mapping = { instruction: 'instruction', input: null, output: 'output' };
const rows = [
	{ instruction: 'Terjemahkan', input: '', output: 'Sugeng énjing' },
	{ instruction: '翻译', input: 'x', output: '\ud83d\ude00' },
];

test('a model comes back file by file, and importing it again changes nothing', async () => {
	const db = await freshDatabase();
	const heard: number[] = [];
	const record = await addModel(db, aboutModel, files, ({ done }) => heard.push(done));
	expect(record).toMatchObject({ name: 'tiny', bytes: 3002, parameters: 12 });
	expect(heard.at(-1)).toBe(3002);
	const sources = await openStoredModel(db, record.id);
	expect(sources.map(({ name, size }) => [name, size])).toEqual([
		['config.json', 2],
		['model.safetensors', 3000],
	]);
	expect(await sources[1]!.read(100, 200)).toEqual(weights.subarray(100, 200));

	const again = await addModel(db, { ...aboutModel, name: 'other' }, [...files].reverse());
	expect(again).toEqual(record);
	expect(await listModels(db)).toEqual([record]);
	expect(await db.count('chunks')).toBe(2);
});

test('another file is another model; shared files are stored once and outlive one of them', async () => {
	const db = await freshDatabase();
	const first = await addModel(db, aboutModel, files);
	const second = await addModel(db, aboutModel, [
		files[0]!,
		{ name: 'config.json', data: new Blob(['{ }']) },
	]);
	expect(second.id).not.toBe(first.id);
	expect(await db.count('chunks')).toBe(3);
	await deleteModel(db, first.id);
	expect(await db.count('chunks')).toBe(2);
	const sources = await openStoredModel(db, second.id);
	expect(await sources[1]!.read(0, 3000)).toEqual(weights);
	await expect(openStoredModel(db, first.id)).rejects.toMatchObject({ name: 'NotFound' });
});

test('a model without room is refused, and what was there stays', async () => {
	const db = await freshDatabase();
	const record = await addModel(db, aboutModel, files);
	const larger = [
		{ name: 'a.json', data: new Blob(['[]']) },
		{ name: 'model.safetensors', data: new Blob([someBytes(2000, 7)]) },
	];
	// The disk is full once the first file is in.
	const fill = () => vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(diskFull);
	await expect(addModel(db, aboutModel, larger, fill)).rejects.toMatchObject({
		name: 'QuotaExceeded',
	});
	expect(await listModels(db)).toEqual([record]);
	expect(await db.count('chunks')).toBe(2);
});

test('a dataset comes back row by row; its id is its rows', async () => {
	const db = await freshDatabase();
	const record = await addDataset(db, { name: 'javanese', mapping }, rows);
	expect(await readDataset(db, record.id)).toEqual({ record, rows });
	const shuffledKeys = rows.map(({ output, input, instruction }) => ({
		output,
		instruction,
		input,
	}));
	expect((await addDataset(db, { name: 'again', mapping }, shuffledKeys)).id).toBe(record.id);
	expect(await listDatasets(db)).toHaveLength(1);
	await expect(readDataset(db, 'gone')).rejects.toMatchObject({ name: 'NotFound' });
});

test('what runs still need is not deleted, and the runs are named', async () => {
	const db = await freshDatabase();
	const model = await addModel(db, aboutModel, files);
	const dataset = await addDataset(db, { name: 'javanese', mapping }, rows);
	const spec = runSpec({ model: model.id, data: { ...runSpec().data, dataset: dataset.id } });
	const { id } = (await startRun(db, spec, environment)).record;
	await expect(deleteModel(db, model.id)).rejects.toThrow(`needed by run ${id}; delete that run`);
	await expect(deleteDataset(db, dataset.id)).rejects.toThrow(id);
	expect(await listModels(db)).toHaveLength(1);
	expect((await readDataset(db, dataset.id)).rows).toEqual(rows);
	await deleteRun(db, id);
	await deleteModel(db, model.id);
	await deleteDataset(db, dataset.id);
	expect(await db.count('chunks')).toBe(0);
});

test('nothing is collected while somebody writes or reads chunks', async () => {
	const db = await freshDatabase();
	await db.put('chunks', new ArrayBuffer(1), 'orphan');
	const model = await addModel(db, aboutModel, files);
	const dataset = await holdChunks(async () => {
		expect(await collectChunks(db)).toBeNull();
		// Several may hold chunks at once.
		return await addDataset(db, { name: 'javanese', mapping }, rows);
	});
	expect(await db.count('chunks')).toBe(4);
	expect(await collectChunks(db)).toBe(1);
	expect(await collectChunks(db)).toBe(0);
	expect((await openStoredModel(db, model.id)).map((file) => file.size)).toEqual([2, 3000]);
	expect((await readDataset(db, dataset.id)).rows).toEqual(rows);
});
