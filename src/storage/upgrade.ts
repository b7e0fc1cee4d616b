/** The stores of the database as every version of it left them, and the way from each to the present one. */
import type { IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { RunRecord } from '../contract/library.ts';
import type { LabSchema } from './database.ts';

type Fresh = IDBPDatabase<LabSchema>;
type Upgrade = IDBPTransaction<LabSchema, StoreNames<LabSchema>[], 'versionchange'>;

/** What each version added, in order: number n makes version n of n - 1. */
const steps: readonly ((db: Fresh, transaction: Upgrade) => unknown)[] = [
	createStores,
	(db) => db.createObjectStore('measurements'),
	(db) => db.createObjectStore('finals'),
	(db) => db.createObjectStore('kernelChoices'),
	(db) => db.createObjectStore('answers'),
	async (db, transaction) => {
		await db.createObjectStore('about').put(crypto.randomUUID(), 'id');
		await completeRuns(transaction);
	},
];

export const VERSION = steps.length;

/** Takes a database of version `from` (0: a new one) to the present one; what is stored stays. */
export async function upgrade(db: Fresh, from: number, transaction: Upgrade): Promise<void> {
	for (const step of steps.slice(from)) await step(db, transaction);
}

/** The stores of the first version. */
function createStores(fresh: Fresh): void {
	fresh.createObjectStore('models', { keyPath: 'id' });
	fresh.createObjectStore('datasets', { keyPath: 'id' });
	fresh.createObjectStore('chunks');
	const runs = fresh.createObjectStore('runs', { keyPath: 'id' });
	runs.createIndex('model', 'spec.model');
	runs.createIndex('dataset', 'spec.data.dataset');
	fresh.createObjectStore('metrics');
	fresh.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
	fresh.createObjectStore('results', {
		keyPath: ['runId', 'row.task', 'row.subject', 'row.metric', 'row.weights'],
	});
}

/** The first runs were kept without the devices of earlier updates. */
async function completeRuns(transaction: Upgrade): Promise<void> {
	const runs = transaction.objectStore('runs');
	for (const run of (await runs.getAll()) as Partial<RunRecord>[])
		if (run.earlier === undefined) await runs.put({ ...(run as RunRecord), earlier: [] });
}
