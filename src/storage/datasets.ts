/** Stored datasets: the instruction rows of an imported file. */
import { namedError } from '../contract/errors.ts';
import type { DatasetRecord, InstructionRow } from '../contract/library.ts';
import { chunkWriter } from './chunks.ts';
import { tidyChunks } from './collect.ts';
import { committed, type LabDatabase, strict } from './database.ts';
import { contentId } from './identity.ts';
import { holdChunks } from './locks.ts';
import { noteLibrary } from './lost.ts';
import { withRoom, withRoomToDelete } from './quota.ts';
import { readVerified } from './stored.ts';
import { refuseWhileUsed } from './use.ts';

/**
 * Stores rows. The id follows from the rows alone: storing them again returns the record that is there.
 * Rejects with `QuotaExceeded`; then nothing of the dataset stays.
 */
export async function addDataset(
	db: LabDatabase,
	about: Pick<DatasetRecord, 'name' | 'mapping' | 'leftOut'>,
	rows: readonly InstructionRow[],
): Promise<DatasetRecord> {
	// Rows are laid out anew so that neither key order nor further keys reach the id.
	const plain = rows.map(({ instruction, input, output, chat }) =>
		chat ? { instruction, input, output, chat } : { instruction, input, output },
	);
	const bytes = new TextEncoder().encode(JSON.stringify(plain));
	const what = `the dataset ${about.name}`;
	try {
		return await holdChunks(async () => {
			const writer = chunkWriter(db, what, bytes.length);
			const chunks = await writer.add(bytes);
			await writer.flush();
			const id = await contentId(chunks);
			const known = await db.get('datasets', id);
			// The same rows may come of another file, of which other rows were left out.
			if (known) return about.leftOut ? { ...known.record, leftOut: about.leftOut } : known.record;
			const record: DatasetRecord = {
				...about,
				id,
				rows: rows.length,
				...(rows.some(({ chat }) => chat) ? { chats: true } : {}),
				bytes: bytes.length,
				addedAt: Date.now(),
			};
			const put = async () => {
				const transaction = db.transaction('datasets', 'readwrite', strict);
				await committed(transaction, [transaction.store.put({ id, record, chunks })]);
			};
			await withRoom(what, 0, put, bytes.length);
			await noteLibrary(db);
			return record;
		});
	} catch (error) {
		await tidyChunks(db);
		throw error;
	}
}

/** A dataset with its rows, their bytes checked. Rejects with `NotFound`. */
export async function readDataset(
	db: LabDatabase,
	id: string,
): Promise<{ record: DatasetRecord; rows: InstructionRow[] }> {
	const dataset = await db.get('datasets', id);
	if (!dataset) {
		throw namedError('NotFound', `No dataset ${id} is stored; import its file in the library.`);
	}
	const { name } = dataset.record;
	const remedy = () => 'Import its file again.';
	const where = { what: `dataset ${name}`, part: 'its rows', remedy };
	const text = new TextDecoder().decode(await readVerified(db, dataset.chunks, where));
	return { record: dataset.record, rows: JSON.parse(text) as InstructionRow[] };
}

/** All datasets, newest first. */
export async function listDatasets(db: LabDatabase): Promise<DatasetRecord[]> {
	const datasets = await db.getAll('datasets');
	return datasets.map(({ record }) => record).sort((a, b) => b.addedAt - a.addedAt);
}

/** Deletes a dataset and its bytes. Rejects with `Busy`, naming them, while stored runs train on it. */
export async function deleteDataset(db: LabDatabase, id: string): Promise<void> {
	const runs = await withRoomToDelete(async () => {
		const transaction = db.transaction(['datasets', 'runs'], 'readwrite', strict);
		const users = await transaction.objectStore('runs').index('dataset').getAllKeys(id);
		const deletion = users.length === 0 ? [transaction.objectStore('datasets').delete(id)] : [];
		await committed(transaction, deletion);
		return users;
	});
	refuseWhileUsed('dataset', runs);
	await tidyChunks(db);
	await noteLibrary(db);
}
