import { beforeEach, expect, test, vi } from 'vitest';
import { saveCheckpoint } from './checkpoints.ts';
import { originFiles, type Disk } from './originTesting.ts';
import { withRoom, withRoomToDelete } from './quota.ts';
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

test('a write goes ahead where it fits, and leaves the reserve as it was', async () => {
	expect(await withRoom('a chunk', 5 * megabyte, written)).toBe('written');
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
	await expect(withRoom('a chunk', 7, full)).rejects.toThrow('at least 7 bytes are needed');
	disk.capacity = 0;
	const other = () => Promise.reject(new TypeError('a mistake of the lab'));
	disk.capacity = 2 ** 30;
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
