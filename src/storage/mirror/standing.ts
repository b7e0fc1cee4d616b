/** What a library of files has that the database lacks, thing by thing. */
import type { RunRecord } from '../../contract/library.ts';
import type { FoundLibrary, FoundThing, Standing } from '../../contract/mirror.ts';
import { totalSteps } from '../../contract/spec.ts';
import type { LabDatabase } from '../database.ts';
import {
	checkpointsIn,
	idsIn,
	type LibraryFiles,
	readDatasetFile,
	readModelFile,
	readRunFile,
	savedAt,
} from './reading.ts';

/** Further is who has more updates in a checkpoint that is there; with as many, who was changed last. */
export function standingOf(
	files: LibraryFiles,
	found: RunRecord,
	stored: RunRecord | undefined,
): Standing {
	if (!stored) return 'absent';
	const [newest] = checkpointsIn(files, found.id);
	const by =
		(newest?.step ?? 0) - (stored.checkpointStep ?? 0) || found.updatedAt - stored.updatedAt;
	if (by === 0) return 'same';
	return by > 0 ? 'further' : 'behind';
}

/** Looks at every document and takes nothing. */
export async function lookAt(db: LabDatabase, files: LibraryFiles): Promise<FoundLibrary> {
	const things: FoundThing[] = [];
	const problems: string[] = [];
	const attempt = async (look: () => Promise<FoundThing>) => {
		try {
			things.push(await look());
		} catch (error) {
			problems.push(messageOf(error));
		}
	};
	const names = new Map<string, string>();
	for (const id of idsIn(files, 'models'))
		await attempt(async () => {
			const { name, addedAt: at } = await readModelFile(files, id);
			names.set(id, name);
			const known = await db.getKey('models', id);
			return { kind: 'model', id, name, at, standing: known === undefined ? 'absent' : 'same' };
		});
	for (const id of idsIn(files, 'datasets'))
		await attempt(async () => {
			const { name, addedAt: at } = (await readDatasetFile(files, id)).record;
			const known = await db.getKey('datasets', id);
			return { kind: 'dataset', id, name, at, standing: known === undefined ? 'absent' : 'same' };
		});
	for (const id of idsIn(files, 'runs'))
		await attempt(async () => {
			const { record } = await readRunFile(files, id);
			const { spec, status, steps: done, updatedAt: at } = record;
			const standing = standingOf(files, record, await db.get('runs', id));
			const updates = { done, total: totalSteps(spec), status };
			return { kind: 'run', id, name: names.get(spec.model) ?? id, standing, at, updates };
		});
	return { savedAt: await savedAt(files), things, problems };
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
