/** One run out of a library of files: its newest whole checkpoint, then everything in one transaction. */
import { namedError } from '../../contract/errors.ts';
import type { RunRecord } from '../../contract/library.ts';
import { chunkWriter } from '../chunks.ts';
import {
	committed,
	keysOfRun,
	type CheckpointRecord,
	type ChunkReference,
	type LabDatabase,
	strict,
} from '../database.ts';
import { withRoom } from '../quota.ts';
import { chunksOf } from './content.ts';
import { checkpointsIn, type LibraryFiles, readChunkFile } from './reading.ts';
import type { RunContent } from './schema.ts';
import { messageOf } from './standing.ts';

export interface RestoredRun {
	/** `none`: the files hold no checkpoint of it. */
	readonly weights: 'whole' | 'none';
	/** What of it did not come back, in words. */
	readonly problems: readonly string[];
}

/**
 * Stores a run in place of one of its id; call it inside `holdRun` and `holdChunks`. Rejects with `BadInput` where no
 * checkpoint of it is whole, or none as far as `least`, that of the library: then nothing changes.
 */
export async function restoreRun(
	db: LabDatabase,
	files: LibraryFiles,
	content: RunContent,
	least: number | null,
): Promise<RestoredRun> {
	const problems: string[] = [];
	const checkpoint = await newestWhole(db, files, content.record, problems);
	if (least !== null && (checkpoint?.step ?? 0) < least) {
		problems.push(`Run ${content.record.id} stays as the library has it, with ${least} updates.`);
		throw namedError('BadInput', problems.join(' '));
	}
	const damaged = problems.length > 0;
	problems.push(...cutBack(content.record, checkpoint, damaged));
	const record = recordOf(content.record, checkpoint);
	await withRoom(`run ${record.id}`, 0, () => commitRun(db, content, record, checkpoint));
	const none = !damaged && checkpoint === null && content.record.checkpointStep !== null;
	return { weights: none ? 'none' : 'whole', problems };
}

function cutBack(
	{ id, checkpointStep }: RunRecord,
	checkpoint: CheckpointRecord | null,
	damaged: boolean,
): string[] {
	if (checkpoint === null)
		return damaged ? [`Run ${id} came back with what was measured, without its weights.`] : [];
	if (checkpoint.step === checkpointStep) return [];
	return [`Run ${id} goes on from update ${checkpoint.step}, its newest whole checkpoint.`];
}

/** Nobody trains it now; and where an earlier checkpoint took the place of its last one it has not ended. */
function recordOf(record: RunRecord, checkpoint: CheckpointRecord | null): RunRecord {
	const checkpointStep = checkpoint?.step ?? null;
	const cutOff = checkpoint !== null && checkpointStep !== record.checkpointStep;
	const status = cutOff || record.status === 'running' ? 'paused' : record.status;
	return { ...record, status, checkpointStep };
}

async function newestWhole(
	db: LabDatabase,
	files: LibraryFiles,
	{ id, steps }: RunRecord,
	problems: string[],
): Promise<CheckpointRecord | null> {
	for (const { step, read } of checkpointsIn(files, id)) {
		// Updates without their metrics are trained again.
		if (step > steps) continue;
		try {
			const checkpoint = await read();
			await storeChunks(db, files, checkpoint);
			return checkpoint;
		} catch (error) {
			if (!(error instanceof Error && ['BadInput', 'NotReadableError'].includes(error.name)))
				throw error;
			problems.push(`Run ${id}, checkpoint after ${step} updates: ${messageOf(error)}`);
		}
	}
	return null;
}

async function storeChunks(
	db: LabDatabase,
	files: LibraryFiles,
	checkpoint: CheckpointRecord,
): Promise<void> {
	const { runId, step, bytes } = checkpoint;
	const what = `the checkpoint of run ${runId} after ${step} updates`;
	const writer = chunkWriter(db, what, bytes);
	for (const chunk of chunksOf(checkpoint)) await storeChunk(writer, files, chunk);
	await writer.flush();
}

async function storeChunk(
	writer: ReturnType<typeof chunkWriter>,
	files: LibraryFiles,
	chunk: ChunkReference,
): Promise<void> {
	await writer.add(await readChunkFile(files, chunk));
}

async function commitRun(
	db: LabDatabase,
	content: RunContent,
	record: RunRecord,
	checkpoint: CheckpointRecord | null,
): Promise<void> {
	const { id } = record;
	const stores = [
		...(['metrics', 'measurements', 'checkpoints', 'results'] as const),
		...(['finals', 'answers'] as const),
	];
	const transaction = db.transaction(['runs', ...stores], 'readwrite', strict);
	const at = transaction.objectStore.bind(transaction);
	const keys = keysOfRun(id);
	const requests = [
		...stores.map((name) => transaction.objectStore(name).delete(keys)),
		at('runs').put(record),
		...(checkpoint ? [at('checkpoints').put(checkpoint)] : []),
		...content.metrics.map((event) => at('metrics').put(event, [id, event.step])),
		...content.measurements.map((measured) =>
			at('measurements').put(measured, [id, measured.step]),
		),
		...content.results.map((row) => at('results').put({ runId: id, row })),
		...content.finals.map(({ tasks, rows }) => at('finals').put(rows, [id, tasks])),
		...content.answers.flatMap((given) => {
			const [first] = given;
			return first
				? [at('answers').put(given, [id, first.task, first.subject, first.weights])]
				: [];
		}),
	];
	await committed(transaction, requests);
}
