import { afterEach, expect, test, vi } from 'vitest';
import { collectChunks, tidyChunks } from './collect.ts';
import { addDataset, deleteDataset, listDatasets, readDataset } from './datasets.ts';
import { holdChunks } from './locks.ts';
import { addModel, deleteModel, listModels, openStoredModel } from './models.ts';
import { originFiles } from './originTesting.ts';
import { readFinal, saveFinal } from './results.ts';
import { deleteRun, startRun } from './runs.ts';
import {
	aboutModel,
	diskFull,
	environment,
	freshDatabase,
	metricRow,
	runSpec,
	someBytes,
} from './testing.ts';

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

test('what is stored is told file by file, in the order of their names', async () => {
	const db = await freshDatabase();
	const heard: [number, number, string][] = [];
	await addModel(db, aboutModel, files, ({ done, total, label }) =>
		heard.push([done, total, label]),
	);
	expect(heard).toEqual([
		[2, 3002, 'Storing config.json'],
		[3002, 3002, 'Storing model.safetensors'],
	]);
});

test('a file that is gone by the time it is read is told by its name and the reason', async () => {
	const db = await freshDatabase();
	for (const [thrown, why] of [
		[new DOMException('file moved', 'NotReadableError'), 'file moved'],
		['text', 'unknown reason'],
	] as const) {
		const data = new Blob(['[]']);
		vi.spyOn(data, 'slice').mockImplementation(() => {
			throw thrown as Error;
		});
		const both = [files[1]!, { name: 'gone.json', data }];
		await expect(addModel(db, aboutModel, both)).rejects.toMatchObject({
			name: 'BadInput',
			message: `gone.json: the file can no longer be read (${why}); it may have been moved or changed; choose it again.`,
		});
		expect(await db.count('chunks')).toBe(0);
	}
});

test('a model without room for its record is refused by its name, and nothing of it stays', async () => {
	const db = await freshDatabase();
	const put = Reflect.get(IDBObjectStore.prototype, 'put') as typeof diskFull;
	for (const full of ['chunks', 'models']) {
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
			this: IDBObjectStore,
			...given
		) {
			return Reflect.apply(this.name === full ? diskFull : put, this, given) as ReturnType<
				typeof put
			>;
		});
		await expect(addModel(db, aboutModel, files)).rejects.toThrow(
			'No room to store the model tiny: at least 3.0 kB are needed',
		);
		vi.restoreAllMocks();
		expect(await db.count('models')).toBe(0);
		expect(await db.count('chunks')).toBe(0);
	}
});

test('the model added last is listed first, and one that is not there is told by its id', async () => {
	const db = await freshDatabase();
	vi.useFakeTimers({ toFake: ['Date'] });
	for (const at of [2000, 3000, 1000]) {
		vi.setSystemTime(at);
		await addModel(db, aboutModel, [{ name: 'a', data: new Blob([String(at)]) }]);
	}
	vi.useRealTimers();
	expect((await listModels(db)).map(({ addedAt }) => addedAt)).toEqual([3000, 2000, 1000]);
	await expect(openStoredModel(db, 'gone')).rejects.toMatchObject({
		name: 'NotFound',
		message: 'No model gone is stored; import its folder in the library.',
	});
});

test('what was measured on a model goes with it, and stays where it stays', async () => {
	const db = await freshDatabase();
	const { id } = await addModel(db, aboutModel, files);
	await saveFinal(db, id, 'tasks', [metricRow]);
	const spec = runSpec({ model: id });
	const run = (await startRun(db, spec, environment)).record.id;
	await expect(deleteModel(db, id)).rejects.toMatchObject({
		name: 'Busy',
		message: `This model is still needed by run ${run}; delete that run first.`,
	});
	expect(await readFinal(db, id, 'tasks')).toEqual([metricRow]);
	await deleteRun(db, run);
	await deleteModel(db, id);
	expect(await db.count('finals')).toBe(0);
});

test('a damaged model is told by its name', async () => {
	const db = await freshDatabase();
	const { id } = await addModel(db, aboutModel, files);
	await db.clear('chunks');
	const [config] = await openStoredModel(db, id);
	await expect(config!.read(0, 1)).rejects.toThrow('The stored model tiny is damaged: config.json');
});

test('where there is nothing to collect, a full disk is no hindrance; whether it is one, the work itself tells', async () => {
	const db = await freshDatabase();
	await addModel(db, aboutModel, files);
	originFiles(0);
	expect(await collectChunks(db)).toBe(0);
	await db.put('chunks', new ArrayBuffer(1), 'orphan');
	await expect(collectChunks(db)).rejects.toMatchObject({ name: 'QuotaExceeded' });
	await expect(tidyChunks(db)).resolves.toBeUndefined();
	originFiles();
	await tidyChunks(db);
	expect(await db.count('chunks')).toBe(2);
});
