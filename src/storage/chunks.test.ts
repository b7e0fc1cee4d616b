import { afterEach, expect, test, vi } from 'vitest';
import { sha256 } from '../contract/sha256.ts';
import {
	blobPieces,
	CHUNK_SIZE,
	chunkWriter,
	readVerified,
	storeBytes,
	storedSource,
} from './chunks.ts';
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

test('bytes come back whole and in ranges, across chunks', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(CHUNK_SIZE + 1000, 1);
	const heard: number[] = [];
	const chunks = await store(db, blobPieces(new Blob([bytes])), heard);
	expect(chunks.map((chunk) => chunk.size)).toEqual([CHUNK_SIZE, 1000]);
	expect(heard).toEqual([CHUNK_SIZE, bytes.length]);
	expect(Buffer.compare(await readVerified(db, chunks), bytes)).toBe(0);

	const source = storedSource(db, { name: 'a.safetensors', size: bytes.length, chunks });
	const [begin, end] = [CHUNK_SIZE - 7, CHUNK_SIZE + 9];
	expect(await source.read(begin, end)).toEqual(bytes.subarray(begin, end));
	expect(await source.read(5, 5)).toEqual(new Uint8Array(0));
	await expect(source.read(0, bytes.length + 1)).rejects.toThrow(/leave a\.safetensors/);
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

test('a chunk that is damaged, cut or missing is an error that names it', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(100, 4);
	const chunks = await store(db, blobPieces(new Blob([bytes])));
	const { hash } = chunks[0]!;

	const flipped = bytes.slice();
	flipped[50]! ^= 1;
	await db.put('chunks', flipped.buffer, hash);
	await expect(readVerified(db, chunks)).rejects.toThrow(`${hash} is damaged`);

	await db.put('chunks', bytes.slice(0, 99).buffer, hash);
	const source = storedSource(db, { name: 'a', size: 100, chunks });
	await expect(source.read(0, 10)).rejects.toThrow('99 bytes, expected 100');

	await db.delete('chunks', hash);
	await expect(readVerified(db, chunks)).rejects.toThrow(`${hash} is missing`);
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
