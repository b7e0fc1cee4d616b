/** Checkpoints: all a run needs to go on exactly, committed in one transaction once its bytes are stored. */
import { namedError } from '../contract/errors.ts';
import type { StepEvent } from '../contract/training.ts';
import { chunkWriter } from './chunks.ts';
import { tidyChunks } from './collect.ts';
import {
	committed,
	keysOfRun,
	strict,
	type CheckpointRecord,
	type CheckpointTensor,
	type LabDatabase,
} from './database.ts';
import { holdChunks } from './locks.ts';
import { withRoom } from './quota.ts';
import { stepsAfter } from './runs.ts';
import { readVerified } from './stored.ts';

/** A tensor on its way into a checkpoint; `data` may be reused once the next one is asked for. */
export interface TensorToSave extends Omit<CheckpointTensor, 'chunks'> {
	readonly data: Float32Array | Int32Array;
}

export interface CheckpointToSave extends Pick<CheckpointRecord, 'runId' | 'step'> {
	/** Metrics not yet stored: they appear together with the checkpoint. */
	readonly metrics?: readonly StepEvent[];
	/** Bytes of all tensors where known, to say how much is needed when space runs out. */
	readonly expectedBytes?: number;
}

/**
 * Stores a checkpoint of a run beside its former one, in place of those before that: where the newest is damaged one day,
 * the former is there. Whatever fails before the commit (the tensors, the quota, the page), the former stays the newest.
 * Rejects with `QuotaExceeded`, or with `NotFound` where the run was deleted.
 */
export async function saveCheckpoint(
	db: LabDatabase,
	checkpoint: CheckpointToSave,
	tensors: AsyncIterable<TensorToSave>,
): Promise<CheckpointRecord> {
	const what = `the checkpoint of run ${checkpoint.runId} after ${checkpoint.step} updates`;
	try {
		return await holdChunks(async () => {
			const stored = await storeTensors(db, what, checkpoint.expectedBytes ?? 0, tensors);
			const { runId, step } = checkpoint;
			const bytes = byteLength(stored);
			const record = { runId, step, tensors: stored, bytes, savedAt: Date.now() };
			await withRoom(what, 0, () => commit(db, record, checkpoint.metrics ?? []), bytes);
			return record;
		});
	} finally {
		await tidyChunks(db);
	}
}

function byteLength(tensors: readonly CheckpointTensor[]): number {
	const chunks = tensors.flatMap((tensor) => tensor.chunks);
	return chunks.reduce((sum, chunk) => sum + chunk.size, 0);
}

async function storeTensors(
	db: LabDatabase,
	what: string,
	expected: number,
	tensors: AsyncIterable<TensorToSave>,
): Promise<CheckpointTensor[]> {
	const writer = chunkWriter(db, what, expected);
	const stored: CheckpointTensor[] = [];
	for await (const { name, kind, shape, data } of tensors) {
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		stored.push({ name, kind, shape: [...shape], chunks: await writer.add(bytes) });
	}
	await writer.flush();
	return stored;
}

async function commit(
	db: LabDatabase,
	record: CheckpointRecord,
	metrics: readonly StepEvent[],
): Promise<void> {
	const { runId, step } = record;
	const transaction = db.transaction(['runs', 'metrics', 'checkpoints'], 'readwrite', strict);
	const runs = transaction.objectStore('runs');
	const run = await runs.get(runId);
	if (!run) throw namedError('NotFound', `Run ${runId} was deleted; its checkpoint is not kept.`);
	const checkpoints = transaction.objectStore('checkpoints');
	const metricStore = transaction.objectStore('metrics');
	const known = await checkpoints.getAllKeys(keysOfRun(runId));
	const older = known.filter(([, stored]) => stored !== step).slice(0, -1);
	await committed(transaction, [
		...older.map((key) => checkpoints.delete(key)),
		checkpoints.put(record),
		...metrics.map((event) => metricStore.put(event, [runId, event.step])),
		runs.put({
			...run,
			checkpointStep: step,
			steps: stepsAfter(run.steps, metrics),
			updatedAt: record.savedAt,
		}),
	]);
}

/** The checkpoint a run resumes from; null if it has none. */
export async function newestCheckpoint(
	db: LabDatabase,
	runId: string,
): Promise<CheckpointRecord | null> {
	const checkpoints = await db.getAll('checkpoints', keysOfRun(runId));
	return checkpoints.at(-1) ?? null;
}

/** The checkpoint that was the newest before this one; null where it is not kept (of a finished run). */
export async function formerCheckpoint(
	db: LabDatabase,
	{ runId, step }: CheckpointRecord,
): Promise<CheckpointRecord | null> {
	const checkpoints = await db.getAll('checkpoints', keysOfRun(runId));
	return checkpoints.findLast((other) => other.step < step) ?? null;
}

/** What may be done about a damaged checkpoint: going on from the one before, where there is one. */
async function remedyOf(db: LabDatabase, checkpoint: CheckpointRecord): Promise<string> {
	const former = await formerCheckpoint(db, checkpoint);
	return former
		? `The run can go on from its checkpoint after ${former.step} updates: resume it.`
		: 'There is no checkpoint before it: delete the run and train it again.';
}

/**
 * The values of a tensor (of packed moments: the words), bit for bit, every hash checked: rejects with `Damaged`, naming
 * run, update and tensor. Call it inside `holdChunks` where the run may be training meanwhile.
 */
export async function readCheckpointTensor(
	db: LabDatabase,
	checkpoint: CheckpointRecord,
	{ kind, name, chunks }: CheckpointTensor,
): Promise<Float32Array<ArrayBuffer>> {
	const { runId, step } = checkpoint;
	const what = `checkpoint of run ${runId} after ${step} updates`;
	const remedy = () => remedyOf(db, checkpoint);
	const bytes = await readVerified(db, chunks, { what, part: `${kind} of ${name}`, remedy });
	return new Float32Array(bytes.buffer);
}
