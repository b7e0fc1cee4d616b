/** Content-addressed bytes: written in pieces of at most 16 MiB under their sha-256, each stored once. */
import { sha256 } from '../contract/sha256.ts';
import { committed, strict, type ChunkReference, type LabDatabase } from './database.ts';
import { withRoom } from './quota.ts';

/** Bytes of a full chunk. */
export const CHUNK_SIZE = 16 * 1024 * 1024;

interface Piece extends ChunkReference {
	readonly bytes: ArrayBuffer;
}

/** Stores bytes as chunks; several small pieces share a transaction. Nothing is certain before `flush`. */
export interface ChunkWriter {
	/** Copies, cuts and hashes the bytes; they may be reused once this resolves. */
	add(bytes: Uint8Array): Promise<ChunkReference[]>;
	/** Resolves when everything added is stored. */
	flush(): Promise<void>;
}

/**
 * Writes chunks of `what` (named in errors) of about `expected` bytes. Rejects with `QuotaExceeded`.
 * Call inside `holdChunks`, up to the commit of the record that refers to the chunks.
 */
export function chunkWriter(db: LabDatabase, what: string, expected: number): ChunkWriter {
	let pending: Piece[] = [];
	let pendingBytes = 0;
	let addedBytes = 0;

	const flush = async (): Promise<void> => {
		const pieces = pending;
		pending = [];
		pendingBytes = 0;
		const missing = await missingPieces(db, pieces);
		if (missing.length === 0) return;
		const needed = Math.max(expected, addedBytes);
		await withRoom(what, bytesOf(missing), () => putPieces(db, missing), needed);
	};

	return {
		flush,
		async add(bytes) {
			const references: ChunkReference[] = [];
			for (let begin = 0; begin < bytes.length; begin += CHUNK_SIZE) {
				// A copy: the source may live in shared memory, or change while it is hashed and stored.
				const copy = new Uint8Array(bytes.subarray(begin, begin + CHUNK_SIZE));
				const reference = { hash: await sha256(copy), size: copy.length };
				references.push(reference);
				pending.push({ ...reference, bytes: copy.buffer });
				pendingBytes += copy.length;
				addedBytes += copy.length;
				if (pendingBytes >= CHUNK_SIZE) await flush();
			}
			return references;
		},
	};
}

function bytesOf(pieces: readonly ChunkReference[]): number {
	return pieces.reduce((sum, piece) => sum + piece.size, 0);
}

/** Pieces that are not stored, or not as they should be: what is imported again is mended. */
async function missingPieces(db: LabDatabase, pieces: readonly Piece[]): Promise<Piece[]> {
	const { store } = db.transaction('chunks');
	const known = await Promise.all(pieces.map((piece) => store.getKey(piece.hash)));
	const missing: Piece[] = [];
	for (const [index, piece] of pieces.entries())
		if (known[index] === undefined || !(await isStored(db, piece))) missing.push(piece);
	return missing;
}

async function isStored(db: LabDatabase, { hash, bytes }: Piece): Promise<boolean> {
	try {
		const stored = await db.get('chunks', hash);
		return stored !== undefined && equal(new Uint8Array(stored), new Uint8Array(bytes));
	} catch {
		// The browser has lost the file the bytes were in.
		return false;
	}
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
	return true;
}

async function putPieces(db: LabDatabase, pieces: readonly Piece[]): Promise<void> {
	const transaction = db.transaction('chunks', 'readwrite', strict);
	await committed(
		transaction,
		pieces.map((piece) => transaction.store.put(piece.bytes, piece.hash)),
	);
}

/**
 * Stores a stream of bytes, whatever its own pieces, in full chunks and a rest. `onProgress` hears the bytes
 * read so far. Rejects with `QuotaExceeded`; what was written by then is left for the collector.
 */
export async function storeBytes(
	writer: ChunkWriter,
	data: AsyncIterable<Uint8Array>,
	onProgress?: (bytes: number) => void,
): Promise<ChunkReference[]> {
	const references: ChunkReference[] = [];
	const buffer = new Uint8Array(CHUNK_SIZE);
	let filled = 0;
	let done = 0;
	for await (const piece of data) {
		for (let begin = 0; begin < piece.length;) {
			const part = piece.subarray(begin, begin + CHUNK_SIZE - filled);
			buffer.set(part, filled);
			begin += part.length;
			filled += part.length;
			done += part.length;
			if (filled < CHUNK_SIZE) continue;
			references.push(...(await writer.add(buffer)));
			filled = 0;
			onProgress?.(done);
		}
	}
	references.push(...(await writer.add(buffer.subarray(0, filled))));
	await writer.flush();
	onProgress?.(done);
	return references;
}

/** The bytes of a file, a chunk at a time. */
export async function* blobPieces(blob: Blob): AsyncGenerator<Uint8Array> {
	for (let begin = 0; begin < blob.size; begin += CHUNK_SIZE) {
		yield new Uint8Array(await blob.slice(begin, begin + CHUNK_SIZE).arrayBuffer());
	}
}
