/** Gives back the room of a mirror that is not kept up any more. */
import type { LabDatabase } from '../database.ts';
import { removeFile } from './files.ts';
import { contentsOf, readIndex } from './passEnd.ts';
import { idsOf, surveyMirror } from './survey.ts';

/**
 * Removes a copy of which the library has everything itself; call it inside `holdMirror`. Where it has runs or datasets that
 * the library lacks it stays: it may be all that is left of them. True where it went.
 */
export async function retireCopy(
	db: LabDatabase,
	root: FileSystemDirectoryHandle,
): Promise<boolean> {
	const survey = await surveyMirror(root, await readIndex(root));
	const { runs, datasets } = await contentsOf(db);
	const known = new Set([...runs.map(({ id }) => id), ...datasets]);
	const kept = [...idsOf(survey, 'runs'), ...idsOf(survey, 'datasets')];
	if (kept.some((id) => !known.has(id))) return false;
	for (const path of ['library.json', 'runs', 'datasets', 'models', 'checkpoints', 'chunks'])
		await removeFile(root, path);
	return true;
}
