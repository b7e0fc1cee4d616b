/** What is known of a mirror between two passes, so that only what changed is written. */
import * as v from 'valibot';
import type { ChunkReference } from '../database.ts';
import { chunksOf } from './content.ts';
import { listFiles } from './files.ts';
import { openDocument, paths, statedSeal } from './format.ts';
import { CheckpointSchema } from './schema.ts';

export interface Survey {
	/** Of the table of contents as it was left: another one means that somebody else was here. */
	readonly index: string | null;
	/** Bytes of every file by its path. */
	readonly sizes: Map<string, number>;
	/** Of documents: the hash they state. */
	readonly seals: Map<string, string>;
	/** Of checkpoints by their paths: what they refer to. */
	readonly chunks: Map<string, readonly ChunkReference[]>;
	/** State of each thing of the library when it was last compared with its file. */
	readonly stamps: Map<string, string>;
}

export async function surveyMirror(
	root: FileSystemDirectoryHandle,
	index: string | null,
): Promise<Survey> {
	const survey: Survey = {
		index,
		sizes: new Map(),
		seals: new Map(),
		chunks: new Map(),
		stamps: new Map(),
	};
	for (const [path, file] of await listFiles(root)) {
		survey.sizes.set(path, file.size);
		if (!/^(runs|datasets|models|checkpoints)\/.*\.json$/.test(path)) continue;
		const seal = await statedSeal(file);
		if (seal) survey.seals.set(path, seal);
		if (!path.startsWith('checkpoints/')) continue;
		const chunks = await referredTo(path, file);
		if (chunks) survey.chunks.set(path, chunks);
	}
	return survey;
}

/** Null where the document is damaged: nothing can come back by it, so what it refers to need not stay. */
async function referredTo(path: string, file: File): Promise<ChunkReference[] | null> {
	try {
		const content = await openDocument('checkpoint', path, file);
		return chunksOf(v.parse(CheckpointSchema, content));
	} catch (error) {
		if (error instanceof Error && ['BadInput', 'ValiError'].includes(error.name)) return null;
		throw error;
	}
}

export const idsOf = (survey: Survey, folder: 'runs' | 'datasets' | 'models'): string[] =>
	[...survey.sizes.keys()].flatMap((path) => {
		const match = /^(\w+)\/([0-9a-f]+)\.json$/.exec(path);
		return match?.[1] === folder && match[2] !== undefined ? [match[2]] : [];
	});

/** Whether a chunk is there with all its bytes. */
export const hasChunk = ({ sizes }: Survey, { hash, size }: ChunkReference): boolean =>
	sizes.get(paths.chunk(hash)) === size;
