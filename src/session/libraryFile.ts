/** The whole library in one tar archive, for another machine: the files of a mirror, written one after the other. */
import type { SavedLibrary } from '../contract/mirror.ts';
import type { Progress } from '../contract/progress.ts';
import type { LabDatabase } from '../storage/database.ts';
import { holdChunks } from '../storage/locks.ts';
import {
	chunksOf,
	readChunkOf,
	readModelContent,
	readRunContent,
	rowsOf,
} from '../storage/mirror/content.ts';
import { type DocumentKind, paths, sealDocument } from '../storage/mirror/format.ts';
import { contentsOf, type Contents } from '../storage/mirror/passEnd.ts';
import type { MirrorSettings } from '../storage/mirror/settings.ts';
import { tarEnd, tarHeader, tarPadding } from '../weights/tar.ts';

export interface SaveOptions {
	/** Whether weights and moments go in, too. */
	readonly checkpoints: boolean;
	/** Null: the archive is handed back. */
	readonly into: FileSystemFileHandle | null;
	readonly onProgress: (progress: Progress) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Takes the archive's bytes in order. */
interface Sink {
	write(bytes: Bytes): Promise<void>;
	/** The archive, where it was not written to a file. */
	close(name: string): Promise<File | null>;
	abort(): Promise<void>;
}

/** The browser holds the pieces, on disk where they are many; the thread keeps none of them. */
function blobSink(): Sink {
	const parts: Blob[] = [];
	return {
		write: (bytes) => {
			parts.push(new Blob([bytes]));
			return Promise.resolve();
		},
		close: (name) => Promise.resolve(new File(parts, name, { type: 'application/x-tar' })),
		abort: () => Promise.resolve(),
	};
}

/** The file appears under its name once it is whole. */
async function fileSink(handle: FileSystemFileHandle): Promise<Sink> {
	const writable = await handle.createWritable();
	return {
		write: (bytes) => writable.write(bytes),
		close: async () => {
			await writable.close();
			return null;
		},
		abort: () => writable.abort(),
	};
}

interface Archive {
	file(path: string, size: number, bytes: AsyncIterable<Bytes> | Iterable<Bytes>): Promise<void>;
	document(kind: DocumentKind, path: string, content: unknown): Promise<void>;
	readonly bytes: () => number;
	/** True once the file could not be written: then nothing more can be. */
	readonly broken: () => boolean;
}

const folder = 'cogsym-library';

function archiveTo(sink: Sink): Archive {
	let total = 0;
	let broken = false;
	const write = async (bytes: Bytes) => {
		total += bytes.length;
		broken = true;
		await sink.write(bytes);
		broken = false;
	};
	const file: Archive['file'] = async (path, size, pieces) => {
		await write(tarHeader(`${folder}/${path}`, size));
		for await (const piece of pieces) await write(piece);
		await write(tarPadding(size));
	};
	return {
		file,
		async document(kind, path, content) {
			const bytes = new TextEncoder().encode((await sealDocument(kind, content)).text);
			await file(path, bytes.length, [bytes]);
		},
		bytes: () => total,
		broken: () => broken,
	};
}

/** Rejects with what the file throws (full, not permitted); then there is no file. What cannot be read is named, and left out. */
export async function saveLibrary(
	db: LabDatabase,
	settings: MirrorSettings,
	{ checkpoints, into, onProgress }: SaveOptions,
): Promise<{ saved: SavedLibrary; file: File | null }> {
	const sink = into ? await fileSink(into) : blobSink();
	try {
		const saved = await holdChunks(async () => {
			const contents = await contentsOf(db);
			const archive = archiveTo(sink);
			const problems: string[] = [];
			const { runs, datasets } = contents;
			const counts = { runs: runs.length, datasets: datasets.length };
			await archive.document('library', paths.index, { savedAt: Date.now(), ...counts });
			await addModels(db, settings, archive, contents);
			for (const id of datasets) await told(archive, problems, () => addDataset(db, archive, id));
			const stored = new Set<string>();
			for (const [done, { id }] of runs.entries()) {
				onProgress({ done, total: runs.length, label: 'Saving runs' });
				await addRun(db, archive, id, { checkpoints, stored, problems });
			}
			await sink.write(tarEnd());
			return { ...counts, bytes: archive.bytes() + tarEnd().length, problems };
		});
		const name = `${folder}-${new Date().toISOString().slice(0, 10)}.tar`;
		return { saved, file: await sink.close(name) };
	} catch (error) {
		await sink.abort().catch(() => undefined);
		throw error;
	}
}

/** Damage in the database concerns the thing it is in; of a file that cannot be written everything does. */
async function told(
	archive: Archive,
	problems: string[],
	work: () => Promise<void>,
): Promise<void> {
	try {
		await work();
	} catch (error) {
		if (archive.broken()) throw error;
		problems.push(error instanceof Error ? error.message : String(error));
	}
}

async function addModels(
	db: LabDatabase,
	settings: MirrorSettings,
	archive: Archive,
	contents: Contents,
): Promise<void> {
	for (const id of contents.models) {
		const model = await db.get('models', id);
		if (model) await archive.document('model', paths.model(id), await readModelContent(db, model));
	}
	for (const model of await settings.models().catch(() => []))
		if (!contents.models.includes(model.id))
			await archive.document('model', paths.model(model.id), model);
}

async function addDataset(db: LabDatabase, archive: Archive, id: string): Promise<void> {
	const dataset = await db.get('datasets', id);
	if (!dataset) return;
	// A header promises so many bytes: they are read once before, to know that they are whole.
	const whole = rowsOf(db, dataset);
	while ((await whole.next()).done !== true);
	const { record } = dataset;
	await archive.document('dataset', paths.dataset(id), { record });
	await archive.file(paths.rows(id), record.bytes, rowsOf(db, dataset));
}

interface RunChoice {
	readonly checkpoints: boolean;
	/** Hashes of chunks that are in the archive. */
	readonly stored: Set<string>;
	readonly problems: string[];
}

async function addRun(
	db: LabDatabase,
	archive: Archive,
	id: string,
	{ checkpoints, stored, problems }: RunChoice,
): Promise<void> {
	const run = await readRunContent(db, id);
	if (!run) return;
	const { content, checkpoint } = run;
	if (checkpoints && checkpoint)
		await told(archive, problems, async () => {
			for (const chunk of chunksOf(checkpoint)) {
				if (stored.has(chunk.hash)) continue;
				const bytes = await readChunkOf(db, checkpoint, chunk);
				await archive.file(paths.chunk(chunk.hash), chunk.size, [bytes]);
				stored.add(chunk.hash);
			}
			await archive.document('checkpoint', paths.checkpoint(id, checkpoint.step), checkpoint);
		});
	await archive.document('run', paths.run(id), content);
}
