/** Brings a library of files back into the database: nothing stored is overwritten unless the file has more of it. */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';
import type { BroughtBack } from '../../contract/mirror.ts';
import type { Progress } from '../../contract/progress.ts';
import { blobPieces, chunkWriter } from '../chunks.ts';
import { tidyChunks } from '../collect.ts';
import { committed, type ChunkReference, type LabDatabase, strict } from '../database.ts';
import { contentId } from '../identity.ts';
import { holdChunks, holdRun } from '../locks.ts';
import { noteLibrary } from '../lost.ts';
import { withRoom } from '../quota.ts';
import { checkKeys, paths } from './format.ts';
import {
	idsIn,
	type LibraryFiles,
	readDatasetFile,
	readModelFile,
	readRunFile,
} from './reading.ts';
import { restoreRun } from './restoreRun.ts';
import { RowsSchema, type ModelContent } from './schema.ts';
import { messageOf, standingOf } from './standing.ts';

/**
 * Takes everything that is whole and that the library lacks or has less of. `absentModel` hears of models whose files are
 * not here. Rejects with `QuotaExceeded`; what came back until then stays.
 */
export async function restoreLibrary(
	db: LabDatabase,
	files: LibraryFiles,
	absentModel: (model: ModelContent) => Promise<void>,
	onProgress: (progress: Progress) => void,
): Promise<BroughtBack> {
	const report = { runs: 0, datasets: 0, kept: 0, withoutWeights: 0, problems: [] as string[] };
	const work = {
		models: (id: string) => restoreModel(db, files, id, absentModel),
		datasets: (id: string) => restoreDataset(db, files, id),
		runs: (id: string) => restoreNewer(db, files, id, report),
	};
	const folders = ['models', 'datasets', 'runs'] as const;
	const ids = folders.flatMap((folder) => idsIn(files, folder).map((id) => ({ folder, id })));
	try {
		for (const [done, { folder, id }] of ids.entries()) {
			onProgress({ done, total: ids.length, label: `Bringing back ${folder}` });
			try {
				const taken = await work[folder](id);
				if (!taken) report.kept += 1;
				else if (folder !== 'models') report[folder] += 1;
			} catch (error) {
				if (!isOfOne(error)) throw error;
				report.problems.push(messageOf(error));
			}
		}
	} finally {
		await tidyChunks(db);
		await noteLibrary(db);
	}
	onProgress({ done: ids.length, total: ids.length, label: 'Bringing back' });
	return report;
}

/** Whether only one thing is concerned: its file is bad, or it is in use. */
function isOfOne(error: unknown): boolean {
	return error instanceof Error && ['BadInput', 'Busy', 'NotReadableError'].includes(error.name);
}

/** True where it was taken note of; a model itself comes back when its folder is imported. */
async function restoreModel(
	db: LabDatabase,
	files: LibraryFiles,
	id: string,
	absentModel: (model: ModelContent) => Promise<void>,
): Promise<boolean> {
	const model = await readModelFile(files, id);
	const stored = (await db.getKey('models', id)) !== undefined;
	const known = new Set((await db.getAllKeys('finals')).map((key) => key.join('/')));
	const lacking = model.finals.filter(({ tasks }) => !known.has(`${id}/${tasks}`));
	await withRoom(`results of the model ${model.name}`, 0, async () => {
		const transaction = db.transaction('finals', 'readwrite', strict);
		const puts = lacking.map(({ tasks, rows }) => transaction.store.put(rows, [id, tasks]));
		await committed(transaction, puts);
	});
	if (!stored) await absentModel(model);
	return !stored;
}

async function restoreDataset(db: LabDatabase, files: LibraryFiles, id: string): Promise<boolean> {
	const { record, rows } = await readDatasetFile(files, id);
	if ((await db.getKey('datasets', id)) !== undefined) return false;
	const what = `the dataset ${record.name}`;
	await checkRows(paths.rows(id), rows, record.rows);
	await holdChunks(async () => {
		const writer = chunkWriter(db, what, rows.size);
		const chunks: ChunkReference[] = [];
		for await (const piece of blobPieces(rows)) chunks.push(...(await writer.add(piece)));
		if ((await contentId(chunks)) !== id)
			throw namedError('BadInput', `${paths.rows(id)}: damaged: these are not the rows of ${id}`);
		await writer.flush();
		const put = async () => {
			const transaction = db.transaction('datasets', 'readwrite', strict);
			await committed(transaction, [transaction.store.put({ id, record, chunks })]);
		};
		await withRoom(what, 0, put, rows.size);
	});
	return true;
}

async function checkRows(path: string, rows: Blob, count: number): Promise<void> {
	const bad = (problem: string) => namedError('BadInput', `${path}: ${problem}`);
	let json: unknown;
	try {
		json = JSON.parse(await rows.text());
	} catch {
		throw bad('damaged: not JSON');
	}
	checkKeys(json, path);
	const parsed = v.safeParse(RowsSchema, json);
	if (!parsed.success) throw bad(`damaged: ${parsed.issues[0].message}`);
	if (parsed.output.length !== count) throw bad(`${parsed.output.length} rows instead of ${count}`);
}

/** False where the library has as much of the run or more. Rejects with `Busy` while it trains. */
async function restoreNewer(
	db: LabDatabase,
	files: LibraryFiles,
	id: string,
	report: { withoutWeights: number; readonly problems: string[] },
): Promise<boolean> {
	const content = await readRunFile(files, id);
	return await holdRun(id, async () => {
		const stored = await db.get('runs', id);
		const standing = standingOf(files, content.record, stored);
		if (standing === 'same' || standing === 'behind') return false;
		const least = stored?.checkpointStep ?? null;
		const restored = await holdChunks(() => restoreRun(db, files, content, least));
		report.problems.push(...restored.problems);
		if (restored.weights === 'none') report.withoutWeights += 1;
		return true;
	});
}
