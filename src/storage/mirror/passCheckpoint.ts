/** The newest checkpoint of a run in a mirror: its bytes first, then the document that refers to them. */
import type { CheckpointRecord, ChunkReference, LabDatabase } from '../database.ts';
import { chunksOf, readChunkOf } from './content.ts';
import { paths } from './format.ts';
import { hasChunk } from './survey.ts';
import { putDocument, putFile, type Target } from './target.ts';

/**
 * Copies a checkpoint that is not there yet; call it inside `holdChunks`. Former ones of its run go at the end of the
 * pass. `too large`: with it all checkpoints would exceed `limit` bytes. An error is what is wrong with the stored bytes;
 * then the former copy stays.
 */
export async function mirrorCheckpoint(
	db: LabDatabase,
	target: Target,
	checkpoint: CheckpointRecord | null,
	limit: number | null,
): Promise<'there' | 'too large' | Error> {
	if (!checkpoint) return 'there';
	const { survey } = target;
	const { runId, step } = checkpoint;
	const path = paths.checkpoint(runId, step);
	const former = [...survey.sizes.keys()].filter(
		(other) => other.startsWith(`checkpoints/${runId}/`) && other !== path,
	);
	const chunks = chunksOf(checkpoint);
	if (limit !== null && bytesWith(target, chunks, [...former, path]) > limit) return 'too large';
	for (const chunk of chunks) {
		if (hasChunk(survey, chunk)) continue;
		const bytes = await readChunkOf(db, checkpoint, chunk).catch(
			(error: unknown) => error as Error,
		);
		if (bytes instanceof Error) return bytes;
		await putFile(target, paths.chunk(chunk.hash), chunk.size, [bytes]);
	}
	await putDocument(target, 'checkpoint', path, checkpoint);
	survey.chunks.set(path, chunks);
	for (const other of former) target.obsolete.add(other);
	return 'there';
}

/** Bytes of all checkpoints once these chunks are there and what is to go is gone. */
function bytesWith(
	{ survey, obsolete }: Target,
	chunks: readonly ChunkReference[],
	former: readonly string[],
): number {
	const going = new Set([...obsolete, ...former]);
	const staying = [...survey.chunks].flatMap(([path, kept]) => (going.has(path) ? [] : kept));
	const all = new Map([...staying, ...chunks].map(({ hash, size }) => [hash, size]));
	return [...all.values()].reduce((sum, size) => sum + size, 0);
}
