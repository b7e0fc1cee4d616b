/** The store thread: imports, listings, deletion and export. */
import type { StoreApi } from '../contract/workers.ts';
import { toInstructionRows } from '../data/alpaca.ts';
import { readTable } from '../data/table.ts';
import { collectChunks } from '../storage/collect.ts';
import { openDatabase, type LabDatabase } from '../storage/database.ts';
import { addDataset, deleteDataset, listDatasets } from '../storage/datasets.ts';
import { addModel, deleteModel, listModels } from '../storage/models.ts';
import { persistStorage, storageUse } from '../storage/quota.ts';
import {
	forgetFinals,
	readAnswers,
	readFinal,
	saveAnswers,
	saveFinal,
	saveResults,
} from '../storage/results.ts';
import { deleteRun, listRuns, readRun } from '../storage/runs.ts';
import { importDemoLanguage, importDemoModel } from './demo.ts';
import { checkModel } from './modelImport.ts';
import { exportRun } from './runExport.ts';

/** Opens at the first call, and again if that failed. What a killed page left unfinished is collected then. */
function openedOnce(open: () => Promise<LabDatabase>): () => Promise<LabDatabase> {
	let opened: Promise<LabDatabase> | null = null;
	const start = async (): Promise<LabDatabase> => {
		try {
			const db = await open();
			await collectChunks(db);
			return db;
		} catch (error) {
			opened = null;
			throw error;
		}
	};
	return () => (opened ??= start());
}

/** The store's interface over the lab's database. Import checks everything before it stores anything. */
export function createStore(open: () => Promise<LabDatabase> = openDatabase): StoreApi {
	const database = openedOnce(open);
	return {
		async library() {
			const db = await database();
			const [models, datasets, runs, storage] = await Promise.all([
				listModels(db),
				listDatasets(db),
				listRuns(db),
				storageUse(),
			]);
			return { models, datasets, runs, storage };
		},
		persist: persistStorage,
		async importModel(name, files, onProgress) {
			const db = await database();
			const model = await checkModel(name, files, onProgress);
			return await addModel(db, model.about, model.files, onProgress);
		},
		async importDataset(name, file, mapping) {
			const { rows, leftOut } = toInstructionRows(await readTable(file), mapping, file.name);
			const about = leftOut.reasons.length > 0 ? { name, mapping, leftOut } : { name, mapping };
			return await addDataset(await database(), about, rows);
		},
		importDemoModel: async (onProgress) => await importDemoModel(await database(), onProgress),
		importDemoLanguage: async (choice) => await importDemoLanguage(await database(), choice),
		run: async (id) => await readRun(await database(), id),
		saveResults: async (runId, rows) => {
			await saveResults(await database(), runId, rows);
		},
		saveFinal: async (owner, tasks, rows) => {
			await saveFinal(await database(), owner, tasks, rows);
		},
		saveAnswers: async (runId, predictions) => {
			await saveAnswers(await database(), runId, predictions);
		},
		answers: async (runId) => await readAnswers(await database(), runId),
		final: async (owner, tasks) => await readFinal(await database(), owner, tasks),
		forgetFinals: async (owner) => {
			await forgetFinals(await database(), owner);
		},
		exportRun: async (id) => await exportRun(await database(), id),
		deleteModel: async (id) => {
			await deleteModel(await database(), id);
		},
		deleteDataset: async (id) => {
			await deleteDataset(await database(), id);
		},
		deleteRun: async (id) => {
			await deleteRun(await database(), id);
		},
	};
}
