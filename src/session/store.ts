/** The store thread: imports, listings, deletion and export. */
import type { Library, ModelRecord } from '../contract/library.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { toInstructionRows } from '../data/alpaca.ts';
import { readTable } from '../data/table.ts';
import { familyOf } from '../engine/model/families/registry.ts';
import { collectChunks } from '../storage/collect.ts';
import { openDatabase, type LabDatabase } from '../storage/database.ts';
import { addDataset, deleteDataset, listDatasets } from '../storage/datasets.ts';
import { forgetLost, lostLibrary, noteLibrary } from '../storage/lost.ts';
import { addModel, deleteModel, listModels } from '../storage/models.ts';
import { mirrorSettings } from '../storage/mirror/settings.ts';
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
import { libraryApi } from './libraryApi.ts';
import { createMirror, type MirrorTools } from './mirror.ts';
import { checkModel } from './modelImport.ts';
import { exportRun } from './runExport.ts';

async function libraryOf(db: LabDatabase): Promise<Library> {
	await noteLibrary(db);
	const [models, datasets, runs, storage, lost] = await Promise.all([
		listModels(db),
		listDatasets(db),
		listRuns(db),
		storageUse(),
		lostLibrary(db),
	]);
	return { models: models.map(labelled), datasets, runs, storage, lost };
}

/** Records of older versions say only the type. */
const labelled = (model: ModelRecord): ModelRecord => {
	const { family, familyLabel = familyOf(family)?.label ?? family } = model.config;
	return { ...model, config: { ...model.config, familyLabel } };
};

/** Collects what a killed page left unfinished: once the page has its answer, and as soon as nobody writes. */
function tidyOnce(): (db: LabDatabase) => void {
	let tidied = false;
	return (db) => {
		if (tidied) return;
		void collectChunks(db).then(
			(collected) => (tidied = collected !== null),
			() => undefined,
		);
	};
}

/** Mirrors to nowhere. */
const noMirror: Omit<MirrorTools, 'database'> = {
	settings: mirrorSettings(),
	browserFolder: () => Promise.resolve(null),
};

/**
 * The store's interface over the lab's database. Import checks everything before it stores anything. What is committed is
 * mirrored soon after.
 */
export function createStore(
	database: () => Promise<LabDatabase> = openDatabase,
	mirrorTools: Omit<MirrorTools, 'database'> | null = null,
): StoreApi {
	const tidy = tidyOnce();
	const mirror = createMirror({ ...(mirrorTools ?? noMirror), database });
	/** Does a piece of work on the database, of a run or model if one is named; the mirror follows. */
	const changing = async <T>(work: (db: LabDatabase) => Promise<T>, id?: string): Promise<T> => {
		const done = await work(await database());
		if (mirrorTools) mirror.changed(id);
		return done;
	};
	const deleting = async (
		kind: 'model' | 'dataset' | 'run',
		id: string,
		work: (db: LabDatabase, id: string) => Promise<void>,
	): Promise<void> => {
		await work(await database(), id);
		if (mirrorTools) await mirror.deleted({ kind, id });
	};
	return {
		...libraryApi({ database, mirror, settings: (mirrorTools ?? noMirror).settings }),
		library: () =>
			changing(async (db) => {
				const library = await libraryOf(db);
				tidy(db);
				return library;
			}),
		forgetLost: async () => {
			await forgetLost(await database());
		},
		persist: persistStorage,
		async importModel(name, files, onProgress) {
			const db = await database();
			const model = await checkModel(name, files, onProgress);
			return await changing(() => addModel(db, model.about, model.files, onProgress));
		},
		async importDataset(name, file, mapping) {
			const { rows, leftOut } = toInstructionRows(await readTable(file), mapping, file.name);
			const about = leftOut.reasons.length > 0 ? { name, mapping, leftOut } : { name, mapping };
			return await changing((db) => addDataset(db, about, rows));
		},
		importDemoModel: (onProgress) => changing((db) => importDemoModel(db, onProgress)),
		importDemoLanguage: (choice) => changing((db) => importDemoLanguage(db, choice)),
		run: async (id) => await readRun(await database(), id),
		saveResults: (runId, rows) => changing((db) => saveResults(db, runId, rows), runId),
		saveFinal: (owner, tasks, rows) => changing((db) => saveFinal(db, owner, tasks, rows), owner),
		saveAnswers: (runId, predictions) =>
			changing((db) => saveAnswers(db, runId, predictions), runId),
		answers: async (runId) => await readAnswers(await database(), runId),
		final: async (owner, tasks) => await readFinal(await database(), owner, tasks),
		forgetFinals: (owner) => changing((db) => forgetFinals(db, owner), owner),
		exportRun: async (id) => await exportRun(await database(), id),
		deleteModel: (id) => deleting('model', id, deleteModel),
		deleteDataset: (id) => deleting('dataset', id, deleteDataset),
		deleteRun: (id) => deleting('run', id, deleteRun),
	};
}
