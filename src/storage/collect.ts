/** Mark and sweep: deletes the chunks that no model, dataset or checkpoint refers to. */
import { committed, type LabDatabase } from './database.ts';
import { ownChunks } from './locks.ts';
import { withRoomToDelete } from './quota.ts';

/**
 * Chunks deleted; null where somebody was writing or reading chunks, in which case a later call does the work. Where there
 * is nothing to delete, nobody who reads waits for it.
 */
export async function collectChunks(db: LabDatabase): Promise<number | null> {
	return await ownChunks(async () => {
		// Two transactions: whoever adds a reference holds the chunks, so none comes in between.
		const transaction = db.transaction(['models', 'datasets', 'checkpoints', 'chunks']);
		const [models, datasets, checkpoints, stored] = await Promise.all([
			transaction.objectStore('models').getAll(),
			transaction.objectStore('datasets').getAll(),
			transaction.objectStore('checkpoints').getAll(),
			transaction.objectStore('chunks').getAllKeys(),
		]);
		const referenced = new Set(
			[
				...models.flatMap((model) => model.files),
				...datasets,
				...checkpoints.flatMap((checkpoint) => checkpoint.tensors),
			].flatMap((owner) => owner.chunks.map((chunk) => chunk.hash)),
		);
		const garbage = stored.filter((hash) => !referenced.has(hash));
		if (garbage.length > 0) await withRoomToDelete(() => deleteChunks(db, garbage));
		return garbage.length;
	});
}

async function deleteChunks(db: LabDatabase, hashes: readonly string[]): Promise<void> {
	const transaction = db.transaction('chunks', 'readwrite');
	await committed(
		transaction,
		hashes.map((hash) => transaction.store.delete(hash)),
	);
}

/** Collects after a failure or a commit: whether that works must not hide how the work itself went. */
export async function tidyChunks(db: LabDatabase): Promise<void> {
	await collectChunks(db).catch(() => null);
}
