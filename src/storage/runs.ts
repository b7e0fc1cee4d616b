/** Stored runs and their metrics: one record per spec, from its first update to its receipt. */
import { namedError } from '../contract/errors.ts';
import type { RunDetail, RunEnvironment, RunRecord } from '../contract/library.ts';
import { runId } from '../contract/runId.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StepEvent } from '../contract/training.ts';
import { tidyChunks } from './collect.ts';
import {
	committed,
	keysOfRun,
	strict,
	type CheckpointRecord,
	type LabDatabase,
} from './database.ts';
import { heldRuns, holdRun } from './locks.ts';
import { noteLibrary } from './lost.ts';
import { withRoom, withRoomToDelete } from './quota.ts';
import { readResults } from './results.ts';

function notFound(id: string): Error {
	return namedError('NotFound', `No run ${id} is stored; it may have been deleted in another tab.`);
}

/** A run that has begun, and the checkpoint it goes on from; null: from its beginning. */
export interface StartedRun {
	readonly record: RunRecord;
	readonly checkpoint: CheckpointRecord | null;
}

/**
 * Marks the run of a spec as running, creating it at first; call it inside `holdRun`. A run that exists goes back
 * to its newest checkpoint, or to its beginning if there is none: in the same transaction, metrics and measurements past
 * it are dropped and a former error and receipt are cleared. `damaged`: updates of a checkpoint that cannot be read; it is
 * dropped, with those after it, and the run goes back to the one before. Rejects with `QuotaExceeded`.
 */
export async function startRun(
	db: LabDatabase,
	spec: RunSpec,
	environment: RunEnvironment,
	damaged = Infinity,
): Promise<StartedRun> {
	const id = await runId(spec);
	const started = await withRoom(`run ${id}`, 0, () =>
		beginRun(db, { id, spec, environment }, damaged),
	);
	await noteLibrary(db);
	return started;
}

async function beginRun(
	db: LabDatabase,
	run: Pick<RunRecord, 'id' | 'spec' | 'environment'>,
	damaged: number,
): Promise<StartedRun> {
	const { id, environment } = run;
	const stores = ['runs', 'metrics', 'measurements', 'checkpoints'] as const;
	const transaction = db.transaction(stores, 'readwrite', strict);
	const runs = transaction.objectStore('runs');
	const known = await runs.get(id);
	const checkpoints = await transaction.objectStore('checkpoints').getAll(keysOfRun(id));
	const checkpoint = checkpoints.findLast(({ step }) => step < damaged) ?? null;
	const now = Date.now();
	const record: RunRecord = {
		...run,
		status: 'running',
		steps: checkpoint?.step ?? 0,
		checkpointStep: checkpoint?.step ?? null,
		earlier: earlierDevices(known, checkpoint?.step ?? 0, environment),
		receipt: null,
		error: null,
		startedAt: known?.startedAt ?? now,
		updatedAt: now,
	};
	await committed(transaction, [
		transaction.objectStore('metrics').delete(keysOfRun(id, record.steps)),
		transaction.objectStore('measurements').delete(keysOfRun(id, record.steps + 1)),
		transaction.objectStore('checkpoints').delete(keysOfRun(id, record.steps + 1)),
		runs.put(record),
	]);
	return { record, checkpoint };
}

/** Of a run that an earlier version stored, which did not tell: as if all were made on one device. */
const earlierOf = ({ earlier = [] }: Partial<Pick<RunRecord, 'earlier'>>): RunRecord['earlier'] =>
	earlier;

/** The devices of the updates that are kept, up to `step`, where the run now goes on elsewhere. */
function earlierDevices(
	known: RunRecord | undefined,
	step: number,
	environment: RunEnvironment,
): RunRecord['earlier'] {
	if (known === undefined || step === 0) return [];
	const kept = earlierOf(known).filter(({ untilStep }) => untilStep < step);
	const { backend, adapter } = known.environment;
	if (backend === environment.backend && adapter === environment.adapter) return kept;
	return [...kept, { untilStep: step, environment: known.environment }];
}

/**
 * Changes what is given of a run. Of a finished one the newest checkpoint alone stays: nothing goes on from it. Rejects with
 * `NotFound`.
 */
export async function updateRun(
	db: LabDatabase,
	id: string,
	change: Partial<Pick<RunRecord, 'status' | 'receipt' | 'error'>>,
): Promise<RunRecord> {
	const record = await withRoom(`what became of run ${id}`, 0, () => changeRun(db, id, change));
	if (change.status === 'finished') await tidyChunks(db);
	return record;
}

async function changeRun(
	db: LabDatabase,
	id: string,
	change: Partial<Pick<RunRecord, 'status' | 'receipt' | 'error'>>,
): Promise<RunRecord> {
	const transaction = db.transaction(['runs', 'checkpoints'], 'readwrite', strict);
	const runs = transaction.objectStore('runs');
	const known = await runs.get(id);
	if (!known) throw notFound(id);
	const earlier = earlierOf(known);
	const record: RunRecord = { ...known, earlier, ...change, updatedAt: Date.now() };
	const checkpoints = transaction.objectStore('checkpoints');
	const kept = change.status === 'finished' ? await checkpoints.getAllKeys(keysOfRun(id)) : [];
	await committed(transaction, [
		runs.put(record),
		...kept.slice(0, -1).map((key) => checkpoints.delete(key)),
	]);
	return record;
}

/** Updates done once the metrics of `events` are added to `steps`. */
export function stepsAfter(steps: number, events: readonly StepEvent[]): number {
	return events.reduce((most, event) => Math.max(most, event.step + 1), steps);
}

/** As it is handed out. A run that says it is running while nobody holds it was cut off with its page: it is paused, and resumable. */
function seen(record: RunRecord, held: ReadonlySet<string>): RunRecord {
	const cutOff = record.status === 'running' && !held.has(record.id);
	const complete = { ...record, earlier: earlierOf(record) };
	return cutOff ? { ...complete, status: 'paused' } : complete;
}

/** All runs, the one changed last first. */
export async function listRuns(db: LabDatabase): Promise<RunRecord[]> {
	const held = await heldRuns();
	const records = await db.getAll('runs');
	return records.map((record) => seen(record, held)).sort((a, b) => b.updatedAt - a.updatedAt);
}

/** A run with its metrics and measurements in order of their steps, and its results. Rejects with `NotFound`. */
export async function readRun(db: LabDatabase, id: string): Promise<RunDetail> {
	const record = await db.get('runs', id);
	if (!record) throw notFound(id);
	return {
		record: seen(record, await heldRuns()),
		metrics: await db.getAll('metrics', keysOfRun(id)),
		results: await readResults(db, id),
		measurements: await db.getAll('measurements', keysOfRun(id)),
	};
}

/** Deletes a run with its metrics, results, answers, checkpoints and their bytes. Rejects with `Busy` while it trains. */
export async function deleteRun(db: LabDatabase, id: string): Promise<void> {
	await holdRun(id, () => withRoomToDelete(() => removeRun(db, id)));
	await tidyChunks(db);
	await noteLibrary(db);
}

async function removeRun(db: LabDatabase, id: string): Promise<void> {
	const stores = [
		...(['metrics', 'measurements', 'checkpoints', 'results'] as const),
		...(['finals', 'answers'] as const),
	];
	const transaction = db.transaction(['runs', ...stores], 'readwrite', strict);
	await committed(transaction, [
		transaction.objectStore('runs').delete(id),
		...stores.map((store) => transaction.objectStore(store).delete(keysOfRun(id))),
	]);
}
