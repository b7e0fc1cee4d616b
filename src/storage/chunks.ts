/** Content-addressed bytes: written in pieces of at most 16 MiB under their sha-256, each stored once. */
import type { ByteSource } from '../contract/model.ts';
import { sha256 } from '../contract/sha256.ts';
import { committed, type ChunkReference, type LabDatabase, type StoredFile } from './database.ts';
import { explainQuota } from './quota.ts';

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
		await explainQuota(what, Math.max(expected, addedBytes), () => putPieces(db, missing));
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

async function missingPieces(db: LabDatabase, pieces: readonly Piece[]): Promise<Piece[]> {
	const { store } = db.transaction('chunks');
	const known = await Promise.all(pieces.map((piece) => store.getKey(piece.hash)));
	return pieces.filter((_, index) => known[index] === undefined);
}

async function putPieces(db: LabDatabase, pieces: readonly Piece[]): Promise<void> {
	const transaction = db.transaction('chunks', 'readwrite');
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

/** One chunk. Rejects where it is missing or has another length; with `verify`, also where its hash differs. */
async function readChunk(
	db: LabDatabase,
	{ hash, size }: ChunkReference,
	verify: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
	const stored = await db.get('chunks', hash);
	if (!stored) {
		throw new Error(`Stored chunk ${hash} is missing; import or train again what it belonged to.`);
	}
	const bytes = new Uint8Array(stored);
	const whole = bytes.length === size && (!verify || (await sha256(bytes)) === hash);
	if (!whole) {
		const facts = `${bytes.length} bytes, expected ${size}${verify ? ' with this sha-256' : ''}`;
		throw new Error(
			`Stored chunk ${hash} is damaged (${facts}); import or train again what it belonged to.`,
		);
	}
	return bytes;
}

/** All bytes of the chunks in order, every hash checked. */
export async function readVerified(
	db: LabDatabase,
	chunks: readonly ChunkReference[],
): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(bytesOf(chunks));
	let offset = 0;
	for (const chunk of chunks) {
		bytes.set(await readChunk(db, chunk, true), offset);
		offset += chunk.size;
	}
	return bytes;
}

/** A stored file to read from. It keeps the chunk read last: neighbouring tensors share one. */
export function storedSource(db: LabDatabase, file: StoredFile): ByteSource {
	let last: { hash: string; bytes: Promise<Uint8Array> } | null = null;
	const chunkBytes = (chunk: ChunkReference): Promise<Uint8Array> => {
		if (last?.hash !== chunk.hash) {
			last = { hash: chunk.hash, bytes: readChunk(db, chunk, false) };
		}
		return last.bytes;
	};
	return {
		name: file.name,
		size: file.size,
		read: (begin, end) => readRange(file, chunkBytes, begin, end),
	};
}

async function readRange(
	file: StoredFile,
	chunkBytes: (chunk: ChunkReference) => Promise<Uint8Array>,
	begin: number,
	end: number,
): Promise<Uint8Array> {
	if (begin < 0 || end < begin || end > file.size) {
		throw new Error(`Bytes ${begin} to ${end} leave ${file.name}, which has ${file.size} bytes.`);
	}
	const result = new Uint8Array(end - begin);
	let start = 0;
	for (const chunk of file.chunks) {
		const from = Math.max(begin, start);
		const to = Math.min(end, start + chunk.size);
		if (from < to) {
			const bytes = await chunkBytes(chunk);
			result.set(bytes.subarray(from - start, to - start), from - begin);
		}
		start += chunk.size;
	}
	return result;
}
