/** What of the database goes into a library of files: read in one transaction each, so that its parts belong together. */
import type { MetricRow } from '../../contract/evaluation.ts';
import {
	keysOfRun,
	type CheckpointRecord,
	type ChunkReference,
	type LabDatabase,
	type StoredDataset,
	type StoredModel,
} from '../database.ts';
import { readVerified } from '../stored.ts';
import type { ModelContent, RunContent } from './schema.ts';

export interface RunOnFile {
	readonly content: RunContent;
	/** The newest one. */
	readonly checkpoint: CheckpointRecord | null;
}

/** A run with everything measured on it; null where it was deleted meanwhile. */
export async function readRunContent(db: LabDatabase, id: string): Promise<RunOnFile | null> {
	const stores = [
		...(['runs', 'metrics', 'measurements', 'checkpoints', 'results'] as const),
		...(['finals', 'answers'] as const),
	];
	const transaction = db.transaction(stores);
	const keys = keysOfRun(id);
	const finals = transaction.objectStore('finals');
	const [record, metrics, measurements, checkpoints, results, tasks, rows, answers] =
		await Promise.all([
			transaction.objectStore('runs').get(id),
			transaction.objectStore('metrics').getAll(keys),
			transaction.objectStore('measurements').getAll(keys),
			transaction.objectStore('checkpoints').getAll(keys),
			transaction.objectStore('results').getAll(keys),
			finals.getAllKeys(keys),
			finals.getAll(keys),
			transaction.objectStore('answers').getAll(keys),
		]);
	if (!record) return null;
	const content = {
		record,
		metrics,
		results: results.map(({ row }) => row),
		measurements: [...measurements],
		finals: finalsOf(tasks, rows),
		answers: answers.filter((given) => given.length > 0).map((given) => [...given]),
	};
	return { content: content, checkpoint: checkpoints.at(-1) ?? null };
}

function finalsOf(
	keys: readonly (readonly [string, string])[],
	rows: readonly (readonly MetricRow[])[],
): RunContent['finals'] {
	return keys.map(([, tasks], at) => ({ tasks, rows: [...(rows[at] ?? [])] }));
}

/** What says which folder a model was made of, and what was measured on it untrained. None of its bytes. */
export async function readModelContent(
	db: LabDatabase,
	{ record, files }: StoredModel,
): Promise<ModelContent> {
	const transaction = db.transaction('finals');
	const keys = keysOfRun(record.id);
	const [tasks, rows] = await Promise.all([
		transaction.store.getAllKeys(keys),
		transaction.store.getAll(keys),
	]);
	const finals = finalsOf(tasks, rows);
	return { ...record, files, finals } as unknown as ModelContent;
}

/** The bytes of a dataset's rows, every hash checked. */
export async function* rowsOf(
	db: LabDatabase,
	dataset: StoredDataset,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const owner = {
		...{ what: `dataset ${dataset.record.name}`, part: 'rows' },
		remedy: () => 'Import it again.',
	};
	for (const chunk of dataset.chunks) yield await readVerified(db, [chunk], owner);
}

/** Every chunk of a checkpoint once, in order. */
export function chunksOf(checkpoint: CheckpointRecord): ChunkReference[] {
	const chunks = checkpoint.tensors.flatMap((tensor) => tensor.chunks);
	return [...new Map(chunks.map((chunk) => [chunk.hash, chunk])).values()];
}

/** Reads a chunk of a checkpoint. Rejects with `Damaged`, naming run and update. */
export function readChunkOf(
	db: LabDatabase,
	{ runId, step }: CheckpointRecord,
	chunk: ChunkReference,
): Promise<Uint8Array<ArrayBuffer>> {
	const what = `checkpoint of run ${runId} after ${step} updates`;
	const remedy = () => 'It is not copied; resume the run to see what is left of it.';
	return readVerified(db, [chunk], { what, part: 'its tensors', remedy });
}
