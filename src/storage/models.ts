/** Stored models: the files of a Hugging Face folder, each a list of chunks. */
import { namedError } from '../contract/errors.ts';
import type { ModelRecord } from '../contract/library.ts';
import type { ByteSource } from '../contract/model.ts';
import type { Progress } from '../contract/progress.ts';
import { blobPieces, chunkWriter, storeBytes } from './chunks.ts';
import { tidyChunks } from './collect.ts';
import { committed, keysOfRun, type LabDatabase, type StoredFile, strict } from './database.ts';
import { contentId } from './identity.ts';
import { holdChunks } from './locks.ts';
import { noteLibrary } from './lost.ts';
import { withRoom, withRoomToDelete } from './quota.ts';
import { storedSource } from './stored.ts';
import { refuseWhileUsed } from './use.ts';

/** A file to store: `name` is its path inside the model folder. */
export interface NamedBlob {
	readonly name: string;
	readonly data: Blob;
}

/**
 * Stores checked files as a model. The id follows from names and bytes: storing them again returns the record
 * that is there. Rejects with `QuotaExceeded`; then nothing of the model stays.
 */
export async function addModel(
	db: LabDatabase,
	about: Pick<ModelRecord, 'name' | 'config' | 'parameters'>,
	files: readonly NamedBlob[],
	onProgress?: (progress: Progress) => void,
): Promise<ModelRecord> {
	const total = files.reduce((sum, file) => sum + file.data.size, 0);
	const what = `the model ${about.name}`;
	try {
		return await holdChunks(async () => {
			const stored = await storeFiles(db, what, files, onProgress);
			const id = await contentId(stored.map(({ name, chunks }) => ({ name, chunks })));
			const known = await db.get('models', id);
			if (known) return known.record;
			const record: ModelRecord = { ...about, id, bytes: total, addedAt: Date.now() };
			const put = async () => {
				const transaction = db.transaction('models', 'readwrite', strict);
				await committed(transaction, [transaction.store.put({ id, record, files: stored })]);
			};
			await withRoom(what, 0, put, total);
			await noteLibrary(db);
			return record;
		});
	} catch (error) {
		await tidyChunks(db);
		throw error;
	}
}

/** Stores the files one after the other, in the order of their names. */
async function storeFiles(
	db: LabDatabase,
	what: string,
	files: readonly NamedBlob[],
	onProgress?: (progress: Progress) => void,
): Promise<StoredFile[]> {
	const total = files.reduce((sum, file) => sum + file.data.size, 0);
	const writer = chunkWriter(db, what, total);
	const stored: StoredFile[] = [];
	let before = 0;
	for (const { name, data } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const report = (bytes: number) =>
			onProgress?.({ done: before + bytes, total, label: `Storing ${name}` });
		const chunks = await storeBytes(writer, readable(name, data), report);
		stored.push({ name, size: data.size, chunks });
		before += data.size;
	}
	return stored;
}

/** The bytes of a file from disk, which may be gone or changed by the time it is read. */
async function* readable(name: string, data: Blob): AsyncGenerator<Uint8Array> {
	try {
		yield* blobPieces(data);
	} catch (error) {
		const why = error instanceof Error ? error.message : 'unknown reason';
		const advice = 'it may have been moved or changed; choose it again';
		throw namedError('BadInput', `${name}: the file can no longer be read (${why}); ${advice}.`);
	}
}

/** The files of a stored model, to read ranges from. Rejects with `NotFound`. */
export async function openStoredModel(db: LabDatabase, id: string): Promise<ByteSource[]> {
	const model = await db.get('models', id);
	if (!model) {
		throw namedError('NotFound', `No model ${id} is stored; import its folder in the library.`);
	}
	const { name } = model.record;
	return model.files.map((file) => storedSource(db, file, `model ${name}`));
}

/** All models, newest first. */
export async function listModels(db: LabDatabase): Promise<ModelRecord[]> {
	const models = await db.getAll('models');
	return models.map(({ record }) => record).sort((a, b) => b.addedAt - a.addedAt);
}

/** Deletes a model and its bytes. Rejects with `Busy`, naming them, while stored runs start from it. */
export async function deleteModel(db: LabDatabase, id: string): Promise<void> {
	const runs = await withRoomToDelete(async () => {
		const transaction = db.transaction(['models', 'runs', 'finals'], 'readwrite', strict);
		const users = await transaction.objectStore('runs').index('model').getAllKeys(id);
		const deletion =
			users.length === 0
				? [
						transaction.objectStore('models').delete(id),
						transaction.objectStore('finals').delete(keysOfRun(id)),
					]
				: [];
		await committed(transaction, deletion);
		return users;
	});
	refuseWhileUsed('model', runs);
	await tidyChunks(db);
	await noteLibrary(db);
}
