/** A zip archive of stored (uncompressed) files, read by ranges: of a large one only the directory is fetched. */
import { badFile } from '../../contract/errors.ts';
import { type Reader, unzipRaw, type ZipEntry } from 'unzipit';
import type { ByteSource } from '../../contract/model.ts';

export interface StoredFile {
	readonly name: string;
	readonly size: number;
	/** First byte of its content in the archive. */
	begin(): Promise<number>;
}

/** The directory of 10,000 files takes less; what asks for more at once is no checkpoint. */
const mostBytes = 2 ** 20;

/**
 * The files of an archive by name. Throws `BadInput` where it is no zip archive or damaged, and for files that are
 * compressed, encrypted or twice there.
 */
export async function openStoredZip(source: ByteSource): Promise<Map<string, StoredFile>> {
	const { reader, beginOf } = rangeReader(source);
	const told = <T>(work: Promise<T>) => work.catch((error: unknown) => damaged(source, error));
	const { entries } = await told(unzipRaw(reader));
	const files = new Map<string, StoredFile>();
	for (const entry of entries) {
		checkEntry(source, entry);
		const { name, size } = entry;
		if (files.has(name)) throw badFile(source.name, `"${name}" is in it twice; download it again`);
		files.set(name, { name, size, begin: () => told(beginOf(entry)) });
	}
	return files;
}

function checkEntry(source: ByteSource, entry: ZipEntry): void {
	const how = entry.encrypted
		? 'encrypted'
		: entry.compressionMethod !== 0
			? `compressed (method ${entry.compressionMethod})`
			: null;
	if (how === null) return;
	const problem = `"${entry.name}" in it is ${how}; torch.save stores files as they are, save it so`;
	throw badFile(source.name, problem);
}

/** The library asks for a stored file as a Blob; it gets an empty one that stands for a place in the archive. */
function rangeReader(source: ByteSource) {
	const begins = new WeakMap<Blob, number>();
	const reader: Reader = {
		getLength: () => Promise.resolve(source.size),
		async read(offset, size) {
			if (size > mostBytes) throw new Error(`it asks for ${size} bytes at once`);
			return new Uint8Array(await source.read(offset, offset + size));
		},
		sliceAsBlob(offset) {
			const blob = new Blob();
			begins.set(blob, offset);
			return Promise.resolve(blob);
		},
	};
	const beginOf = async (entry: ZipEntry): Promise<number> => {
		const begin = begins.get(await entry.blob());
		if (begin === undefined) throw new Error(`"${entry.name}" has no place in it`);
		return begin;
	};
	return { reader, beginOf };
}

function damaged(source: ByteSource, error: unknown): never {
	if (error instanceof Error && error.name === 'NotFound') throw error;
	const why = error instanceof Error ? error.message : String(error);
	throw badFile(
		source.name,
		`not a torch checkpoint in zip form, or damaged (${why}); download it again, or save it with torch 1.6 or newer`,
	);
}
