/** The one database of the lab: its stores, their keys, and how it is opened. Any thread may open it. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Measurement, MetricRow, NamedPrediction } from '../contract/evaluation.ts';
import type { DatasetRecord, LostLibrary, ModelRecord, RunRecord } from '../contract/library.ts';
import type { StepEvent } from '../contract/training.ts';
import { explainOpening } from './openError.ts';
import { upgrade, VERSION } from './upgrade.ts';

/** A piece of stored bytes: sha-256 of the bytes in hex (the key in `chunks`) and their number. */
export interface ChunkReference {
	readonly hash: string;
	readonly size: number;
}

export interface StoredFile {
	/** Path inside the model folder. */
	readonly name: string;
	readonly size: number;
	readonly chunks: readonly ChunkReference[];
}

export interface StoredModel {
	readonly id: string;
	readonly record: ModelRecord;
	readonly files: readonly StoredFile[];
}

export interface StoredDataset {
	readonly id: string;
	readonly record: DatasetRecord;
	/** The rows as UTF-8 JSON. */
	readonly chunks: readonly ChunkReference[];
}

/** A trained tensor or one of its two optimizer moments, as float32; or both moments in 8 bits, packed in words. */
export interface CheckpointTensor {
	readonly name: string;
	readonly kind: 'weight' | 'm' | 'v' | 'packed';
	readonly shape: readonly number[];
	readonly chunks: readonly ChunkReference[];
}

/** The manifest of a checkpoint: visible only once all of its chunks are stored. */
export interface CheckpointRecord {
	readonly runId: string;
	/**
	 * Updates done. The next update has this 0-based number; metrics below it are kept on resume. Data cursor and
	 * order follow from it and the spec's seed.
	 */
	readonly step: number;
	readonly tensors: readonly CheckpointTensor[];
	/** Sum over the tensors. */
	readonly bytes: number;
	readonly savedAt: number;
}

export interface StoredResult {
	readonly runId: string;
	readonly row: MetricRow;
}

export interface LabSchema extends DBSchema {
	models: { key: string; value: StoredModel };
	datasets: { key: string; value: StoredDataset };
	/** Key: `ChunkReference.hash`. */
	chunks: { key: string; value: ArrayBuffer };
	runs: { key: string; value: RunRecord; indexes: { model: string; dataset: string } };
	/** Key: [run, step]. */
	metrics: { key: [string, number]; value: StepEvent };
	/** Key: [run, step]. */
	checkpoints: { key: [string, number]; value: CheckpointRecord };
	/** Key: run, then what was measured; measuring again replaces. */
	results: { key: string[]; value: StoredResult };
	/** Key: [run, step]. */
	measurements: { key: [string, number]; value: Measurement };
	/** What was measured at the end. Key: [run, or model where nothing was trained; fingerprint of the tasks]. */
	finals: { key: [string, string]; value: readonly MetricRow[] };
	/** Key: adapter and kernels. Whoever reads one checks it. */
	kernelChoices: { key: string; value: unknown };
	/** Key: [run, task, subject, weights]; measuring again replaces. */
	answers: { key: [string, string, string, string]; value: readonly NamedPrediction[] };
	/** Of the database itself. `id`: random, made with it; `lost`: what was here before it, where that is gone. */
	about: { key: 'id' | 'lost'; value: string | LostLibrary };
}

export type LabDatabase = IDBPDatabase<LabSchema>;

/** The connections of this thread by the name of their database. */
const connections = new Map<string, Promise<LabDatabase>>();

/**
 * The database, created at first use: one connection for each thread, never to be closed by who asks for it. It closes by
 * itself where a newer page wants to upgrade the database or the browser gives it up; the next call opens it anew. Rejects
 * as `explainOpening` does: with `StorageOutdated` where a newer version of the lab has written it; nothing is touched then.
 */
export async function openDatabase(name = 'cogsym-lab'): Promise<LabDatabase> {
	const pending = connections.get(name);
	if (pending) {
		const known = await pending;
		if (isOpen(known)) return known;
	}
	const forget = () => {
		if (connections.get(name) === opening) connections.delete(name);
	};
	const opening = connect(name, forget);
	connections.set(name, opening);
	opening.catch(forget);
	return await opening;
}

/** Of a connection that was closed, the browser may have told nothing yet. */
function isOpen(db: LabDatabase): boolean {
	try {
		db.transaction('about');
		return true;
	} catch {
		return false;
	}
}

function connect(name: string, forget: () => void): Promise<LabDatabase> {
	return explainOpening((blocked) =>
		openDB<LabSchema>(name, VERSION, {
			upgrade(older, from, _to, transaction) {
				// What fails here, opening tells: nobody waits for the transaction itself.
				transaction.done.catch(() => undefined);
				// Half an upgrade would be a database of no version at all.
				upgrade(older, from, transaction).catch(() => {
					transaction.abort();
				});
			},
			blocked,
			blocking(_now, _wanted, { target }) {
				forget();
				(target as IDBDatabase).close();
			},
			terminated: forget,
		}),
	);
}

/** All keys [run, ...] of `metrics`, `checkpoints`, `results`, `measurements`, `finals` or `answers`; with `from`, only steps from there on. */
export function keysOfRun(runId: string, from?: number): IDBKeyRange {
	// An array sorts after every number and string, so [run, []] is above every [run, x].
	return IDBKeyRange.bound(from === undefined ? [runId] : [runId, from], [runId, []]);
}

/** Asked of every transaction that a promise rests on: what was reported done survives a power cut, not only a killed page. */
export const strict = { durability: 'strict' } as const;

/**
 * Waits for a transaction and its requests. Rejects with what went wrong rather than with the `AbortError` that
 * follows from it: on a full disk, either the transaction or one request says so, and the others were aborted.
 */
export async function committed(
	transaction: { readonly done: Promise<void> },
	requests: readonly Promise<unknown>[],
): Promise<void> {
	const outcomes = await Promise.allSettled([transaction.done, ...requests]);
	const reasons = outcomes
		.filter((outcome) => outcome.status === 'rejected')
		.map((outcome) => outcome.reason as Error);
	const [first] = reasons;
	if (first) throw reasons.find((reason) => reason.name !== 'AbortError') ?? first;
}
