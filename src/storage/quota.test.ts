import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { saveCheckpoint } from './checkpoints.ts';
import { originFiles, type Disk } from './originTesting.ts';
import { formatBytes, persistStorage, storageUse, withRoom, withRoomToDelete } from './quota.ts';
import { MARGIN, RESERVE } from './room.ts';
import { deleteRun, startRun, updateRun } from './runs.ts';
import { environment, freshDatabase, runSpec, someTensors } from './testing.ts';

const megabyte = 1_000_000;
let disk: Disk;
beforeEach(() => {
	disk = originFiles();
});

const written = vi.fn(() => Promise.resolve('written'));
beforeEach(() => written.mockClear());
afterEach(() => {
	vi.unstubAllGlobals();
});

test('a write goes ahead where it fits, and leaves the reserve as it was', async () => {
	expect(await withRoom('a chunk', 5 * megabyte, written)).toBe('written');
	expect(disk.used()).toBe(RESERVE);
	expect(await withRoomToDelete(written)).toBe('written');
	expect(disk.used()).toBe(RESERVE);
});

test('a large write that does not fit is refused with the numbers before the database is touched', async () => {
	disk.capacity = RESERVE + MARGIN + 4 * megabyte;
	const refusal = withRoom('the model tiny', 5 * megabyte, written, 50 * megabyte);
	await expect(refusal).rejects.toMatchObject({ name: 'QuotaExceeded' });
	await expect(refusal).rejects.toThrow(
		/^No room to store the model tiny: 50\.0 MB are needed, beside 8\.4 MB .*Nothing stored was lost/,
	);
	expect(written).not.toHaveBeenCalled();
	expect(disk.used()).toBe(RESERVE);
});

test('what is small, and a deletion, goes ahead on the reserve, which comes back with the room', async () => {
	disk.capacity = RESERVE + megabyte;
	expect(await withRoom('a status', 0, written)).toBe('written');
	expect(disk.used()).toBe(0);
	expect(await withRoomToDelete(written)).toBe('written');
	expect(disk.used()).toBe(0);
	disk.capacity = 2 ** 30;
	await withRoom('a status', 0, written);
	expect(disk.used()).toBe(RESERVE);
});

test('nothing but deletions may take the margin of the database', async () => {
	disk.capacity = MARGIN / 2;
	const refusal = withRoom('a status', 0, written);
	await expect(refusal).rejects.toMatchObject({ name: 'QuotaExceeded' });
	expect(written).not.toHaveBeenCalled();
	expect(await withRoomToDelete(written)).toBe('written');
	// A database that cannot note a deletion may be dropped whole.
	disk.capacity = MARGIN / 2 - 1;
	written.mockClear();
	await expect(withRoomToDelete(written)).rejects.toMatchObject({
		name: 'QuotaExceeded',
		message: expect.stringMatching(/^No room to delete: .*Nothing stored was lost/) as string,
	});
	expect(written).not.toHaveBeenCalled();
});

test.each([
	['DataError', 'Failed to write blobs (IOError)'],
	['UnknownError', 'Internal error committing transaction.'],
	['AbortError', 'Transaction aborted by the browser'],
	['InvalidStateError', 'The database connection is closing.'],
	['NotReadableError', 'The file could not be read.'],
])(
	'%s is told as a full disk where the disk is full, and as itself where it is not',
	async (name, text) => {
		const fail = () => Promise.reject(new DOMException(text, name));
		await expect(withRoom('a chunk', 0, fail)).rejects.toMatchObject({ name, message: text });
		const fill = () => {
			disk.capacity = 0;
			return fail();
		};
		await expect(withRoom('a chunk', 0, fill)).rejects.toMatchObject({ name: 'QuotaExceeded' });
	},
);

test('an error of the quota is told as such, full disk or not; of what is no error of the browser nothing is said', async () => {
	const full = () => Promise.reject(new DOMException('', 'QuotaExceededError'));
	await expect(withRoom('a chunk', 7, full)).rejects.toThrow(
		/^No room to store a chunk: at least 7 bytes are needed, .* the 900\.0 kB the lab uses now\. Nothing stored was lost/,
	);
	const other = () => {
		disk.capacity = 0;
		return Promise.reject(new TypeError('a mistake of the lab'));
	};
	await expect(withRoom('a chunk', 7, other)).rejects.toThrow('a mistake of the lab');
});

test('a run on a full disk is refused its checkpoint, says so, and can be deleted', async () => {
	const db = await freshDatabase();
	const { id } = (await startRun(db, runSpec(), environment)).record;
	disk.capacity = RESERVE + megabyte;
	async function* large() {
		yield* someTensors(1);
		const data = new Float32Array(megabyte / 2).fill(1);
		yield { name: 'large', kind: 'm' as const, shape: [data.length], data };
	}
	const saving = saveCheckpoint(db, { runId: id, step: 10 }, large());
	await expect(saving).rejects.toThrow(
		`No room to store the checkpoint of run ${id} after 10 updates`,
	);
	expect(await db.count('checkpoints')).toBe(0);
	expect((await updateRun(db, id, { status: 'failed', error: 'full' })).status).toBe('failed');
	await deleteRun(db, id);
	expect(await db.count('runs')).toBe(0);
	expect(await db.count('chunks')).toBe(0);
});

test.each([
	['NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR', 2 ** 30, 'QuotaExceeded'],
	['TimeoutError', 0, 'QuotaExceeded'],
	['NoModificationAllowedError', 0, 'QuotaExceeded'],
	['ConstraintError', 0, 'ConstraintError'],
])('%s on a disk of %i bytes is told as %s', async (name, capacity, told) => {
	const fail = () => {
		disk.capacity = capacity;
		return Promise.reject(new DOMException('', name));
	};
	await expect(withRoom('a chunk', 0, fail)).rejects.toMatchObject({ name: told });
});

test('what is thrown and no error passes, though it is called like one', async () => {
	const thrown = { name: 'QuotaExceededError' };
	const write = vi.fn(() => Promise.resolve()).mockRejectedValue(thrown);
	await expect(withRoom('a chunk', 0, write)).rejects.toBe(thrown);
});

test('a million bytes still go on the reserve, one more does not', async () => {
	disk.capacity = RESERVE + 1;
	expect(await withRoom('a result', megabyte, written)).toBe('written');
	await expect(withRoom('a result', megabyte + 1, written)).rejects.toThrow(
		/^No room to store a result: 1\.0 MB are needed, beside 8\.4 MB/,
	);
});

test('without a way to look for room, writes and deletions go ahead', async () => {
	vi.stubGlobal('navigator', {});
	expect(await withRoom('a model', 50 * megabyte, written)).toBe('written');
	expect(await withRoomToDelete(written)).toBe('written');
	const fail = () => Promise.reject(new DOMException('', 'DataError'));
	await expect(withRoom('a model', 0, fail)).rejects.toMatchObject({ name: 'DataError' });
});

test.each([
	[0, '0 bytes'],
	[999, '999 bytes'],
	[1000, '1.0 kB'],
	[1_550_000, '1.6 MB'],
	[20e9, '20.0 GB'],
	[3e12, '3.0 TB'],
	[4e15, '4000.0 TB'],
])('%i bytes are shown as %s', (bytes, text) => {
	expect(formatBytes(bytes)).toBe(text);
});

test('what the browser says of storage is handed on', async () => {
	const estimate = () => Promise.resolve({ usage: 1, quota: 2 });
	const yes = () => Promise.resolve(true);
	vi.stubGlobal('navigator', { storage: { estimate, persisted: yes, persist: yes } });
	expect(await storageUse()).toEqual({ usage: 1, quota: 2, persisted: true });
	expect(await persistStorage()).toBe(true);
	vi.stubGlobal('navigator', { storage: { estimate: () => Promise.resolve({}) } });
	expect(await storageUse()).toEqual({ usage: 0, quota: 0, persisted: false });
});

test.each([
	['no navigator', undefined],
	['no storage', {}],
	['nothing but storage', { storage: {} }],
])('with %s nothing is known to be used, and nothing promised', async (_, navigator) => {
	vi.stubGlobal('navigator', navigator);
	expect(await storageUse()).toEqual({ usage: 0, quota: 0, persisted: false });
	expect(await persistStorage()).toBe(false);
});
