import { expect, test, vi } from 'vitest';
import { blobPieces, CHUNK_SIZE, chunkWriter, storeBytes } from './chunks.ts';
import type { ChunkReference, LabDatabase } from './database.ts';
import { readVerified, storedSource } from './stored.ts';
import { freshDatabase, someBytes } from './testing.ts';

const owner = { what: 'dataset pairs', part: 'its rows', remedy: () => 'Import its file again.' };

function store(db: LabDatabase, bytes: Uint8Array<ArrayBuffer>): Promise<ChunkReference[]> {
	return storeBytes(chunkWriter(db, 'test bytes', 0), blobPieces(new Blob([bytes])));
}

test('bytes come back whole and in ranges, across chunks', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(CHUNK_SIZE + 1000, 1);
	const chunks = await store(db, bytes);
	expect(Buffer.compare(await readVerified(db, chunks, owner), bytes)).toBe(0);

	const file = { name: 'a.safetensors', size: bytes.length, chunks };
	const source = storedSource(db, file, 'model tiny');
	const [begin, end] = [CHUNK_SIZE - 7, CHUNK_SIZE + 9];
	expect(await source.read(begin, end)).toEqual(bytes.subarray(begin, end));
	expect(await source.read(5, 5)).toEqual(new Uint8Array(0));
	await expect(source.read(0, bytes.length + 1)).rejects.toThrow(/leave a\.safetensors/);
});

test('a chunk of a model is hashed once, however often and by whatever pieces it is read', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(CHUNK_SIZE + 1000, 2);
	const chunks = await store(db, bytes);
	const digest = vi.spyOn(crypto.subtle, 'digest');
	const file = { name: 'a', size: bytes.length, chunks };
	for (const source of [storedSource(db, file, 'model'), storedSource(db, file, 'model')])
		for (let begin = 0; begin < CHUNK_SIZE + 100; begin += CHUNK_SIZE / 8)
			await source.read(begin, begin + 8);
	expect(digest).toHaveBeenCalledTimes(2);
	digest.mockRestore();
});

const damages: [
	string,
	(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null,
	string,
][] = [
	['flipped', (bytes) => bytes.map((byte, at) => (at === 50 ? byte ^ 1 : byte)), 'other bytes'],
	['cut', (bytes) => bytes.slice(0, 99), 'has 99 bytes, not 100'],
	['missing', () => null, 'is missing'],
];

test.each(damages)(
	'a chunk that is %s is told by owner, part and chunk',
	async (_, damage, how) => {
		const db = await freshDatabase();
		const bytes = someBytes(100, 4);
		const chunks = await store(db, bytes);
		const { hash } = chunks[0]!;
		const damaged = damage(bytes);
		if (damaged) await db.put('chunks', damaged.buffer, hash);
		else await db.delete('chunks', hash);

		const file = { name: 'model.safetensors', size: 100, chunks };
		// A few bytes of a header, none of which is damaged: the rest is not trusted either.
		for (const read of [
			() => readVerified(db, chunks, owner),
			() => storedSource(db, file, 'model tiny').read(0, 8),
		]) {
			const reading = read();
			await expect(reading).rejects.toMatchObject({ name: 'Damaged' });
			await expect(reading).rejects.toThrow(hash);
			await expect(reading).rejects.toThrow(how);
		}
		const source = storedSource(db, file, 'model tiny').read(0, 8);
		await expect(source).rejects.toThrow('The stored model tiny is damaged: model.safetensors');
		await expect(source).rejects.toThrow('Import its folder again.');
	},
);

test('a value that the browser cannot read any more is damaged, a closed database is not', async () => {
	const db = await freshDatabase();
	const chunks = await store(db, someBytes(100, 5));
	const get = vi.spyOn(IDBObjectStore.prototype, 'get');
	get.mockImplementationOnce(() => {
		throw new DOMException('Failed to read large IndexedDB value', 'DataError');
	});
	await expect(readVerified(db, chunks, owner)).rejects.toThrow(
		/is damaged.*cannot be read \(Failed to read large/,
	);
	get.mockRestore();
	db.close();
	await expect(readVerified(db, chunks, owner)).rejects.toMatchObject({
		name: 'InvalidStateError',
	});
});

test.each([
	[-1, 5],
	[6, 5],
	[0, 101],
	[101, 101],
])('bytes %i to %i of a file of 100 are refused', async (begin, end) => {
	const db = await freshDatabase();
	const source = storedSource(db, { name: 'a', size: 100, chunks: [] }, 'model tiny');
	await expect(source.read(begin, end)).rejects.toThrow(
		`Bytes ${begin} to ${end} leave a, which has 100 bytes.`,
	);
});

test('a range reads no chunk but its own, and the one read last stays at hand', async () => {
	const db = await freshDatabase();
	const writer = chunkWriter(db, 'test bytes', 0);
	const parts = [1, 2, 3].map((seed) => someBytes(10, seed));
	const chunks = (await Promise.all(parts.map((part) => writer.add(part)))).flat();
	await writer.flush();
	const source = storedSource(db, { name: 'a', size: 30, chunks }, 'model tiny');
	const get = vi.spyOn(IDBObjectStore.prototype, 'get');
	const read = async (begin: number, end: number) => {
		get.mockClear();
		const bytes = await source.read(begin, end);
		return { bytes: [...bytes], chunks: get.mock.calls.map(([hash]) => hash as string) };
	};
	const all = parts.flatMap((part) => [...part]);
	const hashes = chunks.map(({ hash }) => hash);
	expect(await read(10, 20)).toEqual({ bytes: all.slice(10, 20), chunks: [hashes[1]] });
	expect(await read(11, 20)).toEqual({ bytes: all.slice(11, 20), chunks: [] });
	expect(await read(19, 21)).toEqual({ bytes: all.slice(19, 21), chunks: [hashes[2]] });
	expect(await read(0, 30)).toEqual({ bytes: all, chunks: hashes });
	expect(await read(10, 10)).toEqual({ bytes: [], chunks: [] });
	get.mockRestore();
});

test('everything that is said of a damaged chunk', async () => {
	const db = await freshDatabase();
	const [chunk] = await store(db, someBytes(100, 4));
	await db.delete('chunks', chunk!.hash);
	const remedy = () => Promise.resolve('Do this.');
	await expect(readVerified(db, [chunk!], { ...owner, remedy })).rejects.toMatchObject({
		name: 'Damaged',
		message: `The stored dataset pairs is damaged: its rows, chunk ${chunk!.hash}, is missing. Everything else stays usable. Do this.`,
	});
});

test('bytes that were checked once for a model are checked again where all of them are asked for', async () => {
	const db = await freshDatabase();
	const bytes = someBytes(100, 6);
	const chunks = await store(db, bytes);
	const file = { name: 'a', size: 100, chunks };
	await storedSource(db, file, 'model tiny').read(0, 8);
	await db.put('chunks', new ArrayBuffer(100), chunks[0]!.hash);
	await expect(readVerified(db, chunks, owner)).rejects.toThrow('has other bytes');
	// What another database has was not checked with it.
	const other = await freshDatabase();
	await other.put('chunks', new ArrayBuffer(100), chunks[0]!.hash);
	await expect(storedSource(other, file, 'model tiny').read(0, 8)).rejects.toThrow('other bytes');
});
