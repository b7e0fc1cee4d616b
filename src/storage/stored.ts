/** Stored bytes read back: whole or by ranges, every chunk checked against its sha-256 before it is used. */
import { namedError } from '../contract/errors.ts';
import type { ByteSource } from '../contract/model.ts';
import { sha256 } from '../contract/sha256.ts';
import type { ChunkReference, LabDatabase, StoredFile } from './database.ts';

/** What a chunk belongs to, for the message where it is damaged. */
export interface Owner {
	/** "model tiny". */
	readonly what: string;
	/** File, tensor. */
	readonly part: string;
	/** What to do, as a sentence. */
	remedy(): string | Promise<string>;
}

async function damaged(owner: Owner, { hash }: ChunkReference, how: string): Promise<Error> {
	const { what, part } = owner;
	const fault = `The stored ${what} is damaged: ${part}, chunk ${hash}, ${how}.`;
	return namedError('Damaged', `${fault} Everything else stays usable. ${await owner.remedy()}`);
}

/** One chunk, checked unless it is `known`. Rejects with `Damaged` where it is missing, cut or changed. */
async function readChunk(
	db: LabDatabase,
	chunk: ChunkReference,
	owner: Owner,
	known: Set<string>,
): Promise<Uint8Array<ArrayBuffer>> {
	const stored = await db.get('chunks', chunk.hash).catch(async (error: unknown) => {
		// Chromium, where the file of a large value is gone; a database that is closed says so otherwise.
		if (!(error instanceof Error) || error.name === 'InvalidStateError') throw error;
		throw await damaged(owner, chunk, `cannot be read (${error.message})`);
	});
	if (!stored) throw await damaged(owner, chunk, 'is missing');
	const bytes = new Uint8Array(stored);
	if (bytes.length !== chunk.size)
		throw await damaged(owner, chunk, `has ${bytes.length} bytes, not ${chunk.size}`);
	if (!known.has(chunk.hash) && (await sha256(bytes)) !== chunk.hash)
		throw await damaged(owner, chunk, 'has other bytes than were stored');
	known.add(chunk.hash);
	return bytes;
}

/** Chunks of models that this thread has checked, by database: a model is read again and again, and hashed once. */
const checked = new WeakMap<LabDatabase, Set<string>>();

function checkedOf(db: LabDatabase): Set<string> {
	const known = checked.get(db) ?? new Set();
	checked.set(db, known);
	return known;
}

/** All bytes of the chunks in order, every hash checked. Rejects with `Damaged`. */
export async function readVerified(
	db: LabDatabase,
	chunks: readonly ChunkReference[],
	owner: Owner,
): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(chunks.reduce((sum, { size }) => sum + size, 0));
	let offset = 0;
	for (const chunk of chunks) {
		bytes.set(await readChunk(db, chunk, owner, new Set()), offset);
		offset += chunk.size;
	}
	return bytes;
}

/**
 * A file of a stored model (`what` in messages) to read from. It keeps the chunk read last: neighbouring tensors share one.
 * Reading rejects with `Damaged`, naming model, file and chunk.
 */
export function storedSource(db: LabDatabase, file: StoredFile, what: string): ByteSource {
	const owner = { what, part: file.name, remedy: () => 'Import its folder again.' };
	const known = checkedOf(db);
	let last: { hash: string; bytes: Promise<Uint8Array> } | null = null;
	const chunkBytes = (chunk: ChunkReference): Promise<Uint8Array> => {
		if (last?.hash !== chunk.hash)
			last = { hash: chunk.hash, bytes: readChunk(db, chunk, owner, known) };
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
