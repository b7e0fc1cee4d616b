/** For tests: databases as earlier versions of the lab left them, with a run that was interrupted after ten updates. */
import { type IDBPDatabase, openDB } from 'idb';
import { runId } from '../contract/runId.ts';
import { sha256 } from '../contract/sha256.ts';
import { environment, metricRow, runSpec, stepEvents, tensorValues } from './testing.ts';

type AnyDatabase = IDBPDatabase;

/** What each version created. As it was then: this list is never changed, only added to. */
const stores: readonly ((db: AnyDatabase) => void)[] = [
	(db) => {
		for (const name of ['models', 'datasets']) db.createObjectStore(name, { keyPath: 'id' });
		db.createObjectStore('chunks');
		const runs = db.createObjectStore('runs', { keyPath: 'id' });
		runs.createIndex('model', 'spec.model');
		runs.createIndex('dataset', 'spec.data.dataset');
		db.createObjectStore('metrics');
		db.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
		db.createObjectStore('results', {
			keyPath: ['runId', 'row.task', 'row.subject', 'row.metric', 'row.weights'],
		});
	},
	(db) => db.createObjectStore('measurements'),
	(db) => db.createObjectStore('finals'),
	(db) => db.createObjectStore('kernelChoices'),
	(db) => db.createObjectStore('answers'),
	(db) => db.createObjectStore('about'),
];

/** Versions that changed the stores. */
export const versions: readonly number[] = stores.map((_, index) => index + 1);

/** Fields of a run's record by the version that first wrote them. */
const recordOf = (id: string, version: number) => ({
	...{ id, spec: runSpec(), status: 'running', steps: 10, checkpointStep: 10, environment },
	...{ receipt: null, error: null, startedAt: 1000, updatedAt: 2000 },
	...(version > 1 && { earlier: [] }),
});

/** Makes the database of a version, closes it, and says which run is in it. */
export async function olderProfile(name: string, version: number): Promise<string> {
	const db: AnyDatabase = await openDB(name, version, {
		upgrade(fresh) {
			for (const create of stores.slice(0, version)) create(fresh);
		},
	});
	const id = await runId(runSpec());
	await db.put('runs', recordOf(id, version));
	for (const event of stepEvents(0, 12)) await db.put('metrics', event, [id, event.step]);
	await db.put('results', { runId: id, row: metricRow });
	const values = tensorValues(1, 2);
	const hash = await sha256(new Uint8Array(values.buffer as ArrayBuffer));
	await db.put('chunks', values.buffer, hash);
	const chunks = [{ hash, size: values.byteLength }];
	await db.put('checkpoints', {
		...{ runId: id, step: 10, bytes: values.byteLength, savedAt: 2000 },
		tensors: [{ name: 'layer.2', kind: 'weight', shape: [3, 4], chunks }],
		// The first checkpoints had a state that nobody read.
		...(version === 1 && { state: {} }),
	});
	if (version >= 2) await db.put('measurements', measurement, [id, 10]);
	if (version >= 3) await db.put('finals', [metricRow], [id, 'tasks']);
	if (version >= 6) await db.put('about', 'an id of its own', 'id');
	db.close();
	return id;
}

export const measurement = { step: 10, rows: [metricRow], predictions: [] };
