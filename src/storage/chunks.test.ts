import { afterEach, expect, test, vi } from 'vitest';
import { sha256 } from '../contract/sha256.ts';
import { blobPieces, CHUNK_SIZE, chunkWriter, storeBytes } from './chunks.ts';
import type { LabDatabase } from './database.ts';
import { diskFull, freshDatabase, someBytes } from './testing.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let begin = 0; begin < bytes.length; begin += size) {
		await Promise.resolve();
		yield bytes.subarray(begin, begin + size);
	}
}

function store(db: LabDatabase, data: AsyncIterable<Uint8Array>, heard: number[] = []) {
	return storeBytes(chunkWriter(db, 'test bytes', 0), data, (bytes) => heard.push(bytes));
}

test('the hash is sha-256', async () => {
	expect(await sha256(new TextEncoder().encode('abc'))).toBe(
		'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
	);
});

test('a stream is cut into full chunks and a rest', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(CHUNK_SIZE + 1000, 1);
	const heard: number[] = [];
	const chunks = await store(db, blobPieces(new Blob([bytes])), heard);
	expect(chunks.map((chunk) => chunk.size)).toEqual([CHUNK_SIZE, 1000]);
	expect(heard).toEqual([CHUNK_SIZE, bytes.length]);
});

test('equal bytes are stored once, however they arrive', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(5000, 2);
	const first = await store(db, blobPieces(new Blob([bytes])));
	const second = await store(db, inPieces(bytes, 7));
	expect(second).toEqual(first);
	expect(await db.count('chunks')).toBe(1);
	await store(db, inPieces(someBytes(5000, 3), 4096));
	expect(await db.count('chunks')).toBe(2);
});

test('an empty file has no chunks', async () => {
	expect(await store(await freshDatabase(), blobPieces(new Blob([])))).toEqual([]);
});

test('what is stored damaged, cut or missing is mended when it is stored again', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(100, 4);
	const [chunk] = await store(db, blobPieces(new Blob([bytes])));
	const flipped = bytes.slice();
	flipped[50]! ^= 1;
	for (const damaged of [flipped, bytes.slice(0, 99)]) {
		await db.put('chunks', damaged.buffer, chunk!.hash);
		await store(db, blobPieces(new Blob([bytes])));
		expect(await db.get('chunks', chunk!.hash)).toEqual(bytes.buffer);
	}
	await db.delete('chunks', chunk!.hash);
	await store(db, blobPieces(new Blob([bytes])));
	expect(await db.get('chunks', chunk!.hash)).toEqual(bytes.buffer);
});

test('bytes that the browser has no room for are refused with the numbers', async () => {
	const db = await freshDatabase();
	await store(db, blobPieces(new Blob([someBytes(10, 5)])));
	const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(diskFull);
	const refusal = store(db, blobPieces(new Blob([someBytes(200_000, 6)])));
	await expect(refusal).rejects.toMatchObject({ name: 'QuotaExceeded' });
	await expect(refusal).rejects.toThrow(
		'No room to store test bytes: at least 200.0 kB are needed, and the browser allows no more than the 900.0 kB',
	);
	expect(await db.count('chunks')).toBe(1);
	// What is already there needs no room.
	expect(await store(db, blobPieces(new Blob([someBytes(10, 5)])))).toHaveLength(1);
	expect(put).toHaveBeenCalledTimes(1);
});
