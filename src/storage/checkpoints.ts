/** Checkpoints: all a run needs to go on exactly, committed in one transaction once its bytes are stored. */
import { namedError } from '../contract/errors.ts';
import type { StepEvent } from '../contract/training.ts';
import { chunkWriter, readVerified } from './chunks.ts';
import { tidyChunks } from './collect.ts';
import {
	committed,
	keysOfRun,
	type CheckpointRecord,
	type CheckpointTensor,
	type LabDatabase,
} from './database.ts';
import { holdChunks } from './locks.ts';
import { explainQuota } from './quota.ts';
import { stepsAfter } from './runs.ts';

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
 * Stores a checkpoint of a run in place of its former one. Whatever fails before the commit (the tensors, the
 * quota, the page), the former checkpoint stays the newest. Rejects with `QuotaExceeded`, or with `NotFound`
 * where the run was deleted.
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
			await explainQuota(what, bytes, () => commit(db, record, checkpoint.metrics ?? []));
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
	// Strict: once a checkpoint is reported it survives a power cut, not only a killed page.
	const transaction = db.transaction(['runs', 'metrics', 'checkpoints'], 'readwrite', {
		durability: 'strict',
	});
	const runs = transaction.objectStore('runs');
	const run = await runs.get(runId);
	if (!run) throw namedError('NotFound', `Run ${runId} was deleted; its checkpoint is not kept.`);
	const checkpoints = transaction.objectStore('checkpoints');
	const metricStore = transaction.objectStore('metrics');
	await committed(transaction, [
		checkpoints.delete(keysOfRun(runId)),
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
	return checkpoints[checkpoints.length - 1] ?? null;
}

/**
 * The values of a tensor (of packed moments: the words), bit for bit, every hash checked: a damaged chunk is an error that names it. Call it
 * inside `holdChunks` where the run may be training meanwhile.
 */
export async function readCheckpointTensor(
	db: LabDatabase,
	tensor: CheckpointTensor,
): Promise<Float32Array<ArrayBuffer>> {
	const bytes = await readVerified(db, tensor.chunks);
	return new Float32Array(bytes.buffer);
}
