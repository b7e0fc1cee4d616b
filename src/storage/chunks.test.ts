import { afterEach, expect, test, vi } from 'vitest';
import { sha256 } from '../contract/sha256.ts';
import { blobPieces, CHUNK_SIZE, chunkWriter, storeBytes } from './chunks.ts';
import type { LabDatabase } from './database.ts';
import { originFiles } from './originTesting.ts';
import { MARGIN, RESERVE } from './room.ts';
import { diskFull, freshDatabase, someBytes } from './testing.ts';

afterEach(() => {
	vi.restoreAllMocks();
	originFiles();
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

test('small pieces wait for one another, at most a full chunk of them', async () => {
	const db = await freshDatabase();
	const writer = chunkWriter(db, 'test bytes', 0);
	const half = CHUNK_SIZE / 2;
	await writer.add(new Uint8Array(half - 1));
	await writer.add(new Uint8Array(half));
	expect(await db.count('chunks')).toBe(0);
	await writer.add(someBytes(1, 3));
	expect(await db.count('chunks')).toBe(3);
	await writer.add(someBytes(2, 4));
	expect(await db.count('chunks')).toBe(3);
	await writer.flush();
	expect(await db.count('chunks')).toBe(4);
});

test('bytes may be reused as soon as they are added', async () => {
	const db = await freshDatabase();
	const writer = chunkWriter(db, 'test bytes', 0);
	const bytes = someBytes(100, 1);
	const kept = bytes.slice();
	const [chunk] = await writer.add(bytes);
	bytes.fill(0);
	await writer.flush();
	expect(new Uint8Array((await db.get('chunks', chunk!.hash))!)).toEqual(kept);
});

test('the numbers of a refusal are what was expected, or added where that is more', async () => {
	const db = await freshDatabase();
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(diskFull);
	for (const [expected, told] of [
		[5_000_000, '5.0 MB'],
		[10, '300 bytes'],
	] as const) {
		const writer = chunkWriter(db, 'test bytes', expected);
		await writer.add(someBytes(100, 1));
		await writer.add(someBytes(200, 2));
		await expect(writer.flush()).rejects.toThrow(`at least ${told} are needed`);
	}
});

test('a chunk that cannot be read, its file being lost, is stored again', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(100, 1);
	await store(db, inPieces(bytes, 100));
	const get = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementationOnce(() => {
		throw new DOMException('Failed to read large IndexedDB value', 'DataError');
	});
	const put = vi.spyOn(IDBObjectStore.prototype, 'put');
	await store(db, inPieces(bytes, 100));
	expect(get).toHaveBeenCalledTimes(1);
	expect(put).toHaveBeenCalledTimes(1);
});

test('room is looked for before what is missing is written', async () => {
	const disk = originFiles(RESERVE + MARGIN + 100_000);
	const db = await freshDatabase();
	const known = someBytes(1000, 1);
	await store(db, inPieces(known, CHUNK_SIZE));
	await expect(store(db, inPieces(new Uint8Array(1_100_000), CHUNK_SIZE))).rejects.toThrow(
		'No room to store test bytes: 1.1 MB are needed, beside',
	);
	expect(await db.count('chunks')).toBe(1);
	// What is already there needs no room.
	disk.capacity = 0;
	expect(await store(db, inPieces(known, CHUNK_SIZE))).toHaveLength(1);
});

test('a stream of pieces of any size is cut into full chunks and a rest, bit for bit', async () => {
	const db = await freshDatabase();
	const bytes = new Uint8Array(CHUNK_SIZE + 1000);
	for (const [index, at] of [0, CHUNK_SIZE - 1, CHUNK_SIZE].entries()) bytes[at] = index + 1;
	const heard: number[] = [];
	const chunks = await store(db, inPieces(bytes, CHUNK_SIZE - 999), heard);
	expect(chunks).toEqual([
		{ hash: await sha256(bytes.slice(0, CHUNK_SIZE)), size: CHUNK_SIZE },
		{ hash: await sha256(bytes.slice(CHUNK_SIZE)), size: 1000 },
	]);
	expect(heard).toEqual([CHUNK_SIZE, CHUNK_SIZE + 1000]);
});

test('a file is read a chunk at a time', async () => {
	const blob = new Blob([new Uint8Array(CHUNK_SIZE + 1)]);
	const sizes: number[] = [];
	for await (const piece of blobPieces(blob)) sizes.push(piece.length);
	expect(sizes).toEqual([CHUNK_SIZE, 1]);
});
