import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LabDatabase } from './database.ts';
import { addDataset, deleteDataset, listDatasets, readDataset } from './datasets.ts';
import { originFiles } from './originTesting.ts';
import { startRun } from './runs.ts';
import { diskFull, environment, freshDatabase, runSpec } from './testing.ts';

const about = { name: 'pairs', mapping: { instruction: 'a', input: null, output: 'b' } };
const row = { instruction: 'a', input: '', output: 'b' };
const chat = { messages: [{ role: 'user', content: 'hello' }] };
const leftOut = { of: 2, reasons: [{ why: 'without an output', rows: 1, first: [2] }] };

let db: LabDatabase;
beforeEach(async () => {
	db = await freshDatabase();
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.useRealTimers();
});

test('a record says how many rows and bytes there are, and whether any of them is a chat', async () => {
	const plain = await addDataset(db, about, [row]);
	const json = '[{"instruction":"a","input":"","output":"b"}]';
	expect(plain).toEqual({
		...about,
		...{ id: plain.id, rows: 1, bytes: json.length, addedAt: plain.addedAt },
	});
	expect(plain.id).toMatch(/^[0-9a-f]{32}$/);
	const mixed = await addDataset(db, about, [row, { ...row, chat }]);
	expect(mixed).toMatchObject({ rows: 2, chats: true });
	expect((await readDataset(db, mixed.id)).rows).toEqual([row, { ...row, chat }]);
});

test('further keys of rows are neither kept nor part of the id', async () => {
	const { id } = await addDataset(db, about, [row]);
	const more = { ...row, id: 7, chat: undefined as never };
	expect((await addDataset(db, about, [more])).id).toBe(id);
	expect((await readDataset(db, id)).rows).toEqual([row]);
});

test('the same rows of another file are the dataset that is there, with what was left out of this one', async () => {
	const first = await addDataset(db, about, [row]);
	const again = await addDataset(db, { ...about, name: 'other', leftOut }, [row]);
	expect(again).toEqual({ ...first, leftOut });
	expect(await addDataset(db, { ...about, name: 'other' }, [row])).toEqual(first);
	expect(await listDatasets(db)).toEqual([first]);
});

test('the one added last is listed first', async () => {
	vi.useFakeTimers({ toFake: ['Date'] });
	for (const [at, output] of [
		[2000, 'x'],
		[3000, 'y'],
		[1000, 'z'],
	] as const) {
		vi.setSystemTime(at);
		await addDataset(db, about, [{ ...row, output }]);
	}
	expect((await listDatasets(db)).map(({ addedAt }) => addedAt)).toEqual([3000, 2000, 1000]);
});

test('one that is not there is told by its id, one that is damaged by its name', async () => {
	await expect(readDataset(db, 'gone')).rejects.toMatchObject({
		name: 'NotFound',
		message: 'No dataset gone is stored; import its file in the library.',
	});
	const { id } = await addDataset(db, about, [row]);
	await db.clear('chunks');
	await expect(readDataset(db, id)).rejects.toThrow(
		/^The stored dataset pairs is damaged: its rows, chunk \w+, is missing\. .* Import its file again\.$/,
	);
});

test('without room for rows or record nothing of it stays, and it is named', async () => {
	const put = Reflect.get(IDBObjectStore.prototype, 'put') as typeof diskFull;
	for (const full of ['chunks', 'datasets']) {
		vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
			this: IDBObjectStore,
			...given
		) {
			return Reflect.apply(this.name === full ? diskFull : put, this, given) as ReturnType<
				typeof put
			>;
		});
		await expect(addDataset(db, about, [row])).rejects.toMatchObject({
			name: 'QuotaExceeded',
			message: expect.stringMatching(
				/^No room to store the dataset pairs: at least 45 bytes/,
			) as string,
		});
		vi.restoreAllMocks();
		expect(await db.count('chunks')).toBe(0);
		expect(await listDatasets(db)).toEqual([]);
	}
});

test('runs that train on it are named where it is to be deleted', async () => {
	const { id } = await addDataset(db, about, [row]);
	const start = async (seed: number) => {
		const spec = runSpec({ seed, data: { ...runSpec().data, dataset: id } });
		return (await startRun(db, spec, environment)).record.id;
	};
	const one = await start(1);
	await expect(deleteDataset(db, id)).rejects.toMatchObject({
		name: 'Busy',
		message: `This dataset is still needed by run ${one}; delete that run first.`,
	});
	const both = [one, await start(2)].sort().join(', ');
	await expect(deleteDataset(db, id)).rejects.toThrow(
		`This dataset is still needed by runs ${both}; delete those runs first.`,
	);
	expect(await db.count('datasets')).toBe(1);
});

test('a deletion that a full disk has no room to note is refused', async () => {
	const { id } = await addDataset(db, about, [row]);
	originFiles(0);
	await expect(deleteDataset(db, id)).rejects.toMatchObject({ name: 'QuotaExceeded' });
	originFiles();
	await deleteDataset(db, id);
	expect(await db.count('datasets')).toBe(0);
	expect(await db.count('chunks')).toBe(0);
});
