/** Reads a library of files. All of it is untrusted: what is wrong is named and passed over, the rest is used. */
import * as v from 'valibot';
import { namedError } from '../../contract/errors.ts';
import { runId } from '../../contract/runId.ts';
import { sha256 } from '../../contract/sha256.ts';
import type { CheckpointRecord, ChunkReference } from '../database.ts';
import { contentId } from '../identity.ts';
import { type DocumentKind, openDocument, paths } from './format.ts';
import {
	CheckpointSchema,
	DatasetContentSchema,
	ModelContentSchema,
	RunContentSchema,
	type ModelContent,
	type RunContent,
} from './schema.ts';

/** Files of a library by their paths inside it. */
export type LibraryFiles = ReadonlyMap<string, Blob>;

const known =
	/^(.*?)(library\.json|(?:runs|models)\/[^/]+\.json|datasets\/[^/]+\.json|checkpoints\/[^/]+\/[^/]+\.json|chunks\/[0-9a-f]{64})$/;

/**
 * The library among files of a folder or an archive, which may lie deeper in it. Throws `BadInput` where there is none,
 * or more than one.
 */
export function findLibrary(files: LibraryFiles, where: string): LibraryFiles {
	const inside = (path: string) => known.exec(path)?.[1];
	const places = new Set([...files.keys()].flatMap((path) => inside(path) ?? []));
	const [place, another] = [...places].sort((a, b) => a.length - b.length);
	if (place === undefined)
		throw namedError(
			'BadInput',
			`${where}: no library of the lab in it; choose a folder or a tar archive that the lab wrote.`,
		);
	if (another !== undefined && !another.startsWith(place))
		throw namedError('BadInput', `${where}: more than one library in it; choose one of them.`);
	return new Map(
		[...files].flatMap(([path, file]) =>
			inside(path) === place ? [[path.slice(place.length), file]] : [],
		),
	);
}

/** Ids in file names of a folder, in order. */
export function idsIn(files: LibraryFiles, folder: 'runs' | 'datasets' | 'models'): string[] {
	return [...files.keys()]
		.flatMap((path) => {
			const match = /^(\w+)\/([^/]+?)(\.rows)?\.json$/.exec(path);
			return match?.[1] === folder && match[3] === undefined ? [match[2] ?? ''] : [];
		})
		.sort();
}

async function read<T>(
	files: LibraryFiles,
	kind: DocumentKind,
	path: string,
	schema: v.GenericSchema<unknown, T>,
): Promise<T> {
	const file = files.get(path);
	if (!file) throw namedError('BadInput', `${path}: missing`);
	const parsed = v.safeParse(schema, await openDocument(kind, path, file));
	if (parsed.success) return parsed.output;
	const [issue] = parsed.issues;
	throw namedError('BadInput', `${path}: ${v.getDotPath(issue) ?? 'content'}: ${issue.message}`);
}

function sameId(path: string, stated: string, expected: string): void {
	if (stated !== expected)
		throw namedError('BadInput', `${path}: it is about ${stated}, not about ${expected}`);
}

/** When the library was written last; null where its table of contents does not say. */
export async function savedAt(files: LibraryFiles): Promise<number | null> {
	const schema = v.looseObject({ savedAt: v.number() });
	return await read(files, 'library', paths.index, schema).then(
		(content) => content.savedAt,
		() => null,
	);
}

/** Throws `BadInput` where the document is damaged, or its specification makes another run. */
export async function readRunFile(files: LibraryFiles, id: string): Promise<RunContent> {
	const path = paths.run(id);
	const content = await read(files, 'run', path, RunContentSchema);
	sameId(path, content.record.id, id);
	sameId(path, await runId(content.record.spec), id);
	return content;
}

export async function readModelFile(files: LibraryFiles, id: string): Promise<ModelContent> {
	const path = paths.model(id);
	const content = await read(files, 'model', path, ModelContentSchema);
	sameId(path, content.id, id);
	const made = content.files.map(({ name, chunks }) => ({ name, chunks }));
	sameId(path, await contentId(made), id);
	return content;
}

export type DatasetOnFile = v.InferOutput<typeof DatasetContentSchema> & { readonly rows: Blob };

/** The rows are not read yet. */
export async function readDatasetFile(files: LibraryFiles, id: string): Promise<DatasetOnFile> {
	const path = paths.dataset(id);
	const content = await read(files, 'dataset', path, DatasetContentSchema);
	sameId(path, content.record.id, id);
	const rows = files.get(paths.rows(id));
	if (!rows) throw namedError('BadInput', `${paths.rows(id)}: missing`);
	if (rows.size !== content.record.bytes)
		throw namedError(
			'BadInput',
			`${paths.rows(id)}: ${rows.size} bytes instead of ${content.record.bytes}`,
		);
	return { ...content, rows };
}

/** Checkpoints of a run in the files, the newest first: each is read when it is asked for. */
export function checkpointsIn(
	files: LibraryFiles,
	id: string,
): { readonly step: number; readonly read: () => Promise<CheckpointRecord> }[] {
	const steps = [...files.keys()].flatMap((path) => {
		const match = /^checkpoints\/([^/]+)\/(\d{1,15})\.json$/.exec(path);
		return match?.[1] === id ? [Number(match[2])] : [];
	});
	return steps
		.sort((a, b) => b - a)
		.map((step) => ({
			step,
			async read() {
				const path = paths.checkpoint(id, step);
				const record = await read(files, 'checkpoint', path, CheckpointSchema);
				sameId(path, `${record.runId}/${record.step}`, `${id}/${step}`);
				return record;
			},
		}));
}

/** The bytes of a chunk, checked. Throws `BadInput` where it is missing or damaged. */
export async function readChunkFile(
	files: LibraryFiles,
	{ hash, size }: ChunkReference,
): Promise<Uint8Array<ArrayBuffer>> {
	const path = paths.chunk(hash);
	const file = files.get(path);
	if (!file) throw namedError('BadInput', `${path}: missing`);
	if (file.size !== size)
		throw namedError('BadInput', `${path}: ${file.size} bytes instead of ${size}`);
	const bytes = new Uint8Array(await file.arrayBuffer());
	if ((await sha256(bytes)) !== hash)
		throw namedError('BadInput', `${path}: damaged: its bytes do not have this sha-256`);
	return bytes;
}
