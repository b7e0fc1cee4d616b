/** The library of a profile, inside the page: what it holds, what was lost, imports and deletions on their own. */
import { lostWords } from '../clients/lostWords.ts';
import type { Library, ModelRecord, RunDetail } from '../contract/library.ts';
import { asFile, reportProgress, type SharedFile, store } from './threads.ts';

export const library = (): Promise<Library> => store().library();

export const readRun = (id: string): Promise<RunDetail> => store().run(id);

/** What the profile's browser has lost, in words; null where nothing is. */
export async function lost(): Promise<string | null> {
	const { lost: found } = await library();
	if (found === null) return null;
	const { title, message, advice } = lostWords(found);
	return `${title}. ${message} ${advice}`;
}

export async function importModel({
	name,
	files,
}: {
	readonly name: string;
	readonly files: readonly SharedFile[];
}): Promise<ModelRecord> {
	return store().importModel(name, await Promise.all(files.map(asFile)), reportProgress);
}

export async function remove({
	kind,
	id,
}: {
	readonly kind: 'model' | 'run';
	readonly id: string;
}): Promise<void> {
	await (kind === 'model' ? store().deleteModel(id) : store().deleteRun(id));
}
