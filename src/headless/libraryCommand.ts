/** `lab library` inside the page: what a profile keeps, as one file and back. */
import type { RunStatus } from '../contract/library.ts';
import type { AbsentModel, BroughtBack, SavedLibrary } from '../contract/mirror.ts';
import { totalSteps } from '../contract/spec.ts';
import { offerFile } from './offerFile.ts';
import { asFile, reportProgress, type SharedFile, store } from './threads.ts';

export interface LibraryContents {
	readonly runs: readonly {
		readonly id: string;
		readonly status: RunStatus;
		readonly steps: number;
		readonly total: number;
		/** Name of its model, its id where that is not known. */
		readonly model: string;
	}[];
	readonly datasets: number;
	readonly models: number;
}

export async function contents(): Promise<LibraryContents> {
	const { runs, datasets, models } = await store().library();
	const { absentModels } = await store().mirror();
	const names = new Map([...absentModels, ...models].map(({ id, name }) => [id, name]));
	return {
		runs: runs.map(({ id, status, steps, spec }) => ({
			...{ id, status, steps, total: totalSteps(spec) },
			model: names.get(spec.model) ?? spec.model,
		})),
		datasets: datasets.length,
		models: models.length,
	};
}

/** Starts a download of the archive, and resolves with what is in it. */
export async function saveLibrary(checkpoints: boolean): Promise<SavedLibrary> {
	const { saved, file } = await store().saveLibrary(checkpoints, null, reportProgress);
	if (!file) throw new Error('The archive was not handed back');
	offerFile(file);
	return saved;
}

/** From an archive, or where that is null from the mirror of the profile. */
export async function bringBack(
	archive: SharedFile | null,
): Promise<BroughtBack & { readonly absentModels: readonly AbsentModel[] }> {
	const source = archive
		? ({ kind: 'archive', file: await asFile(archive) } as const)
		: ({ kind: 'mirror' } as const);
	const report = await store().bringBack(source, reportProgress);
	return { ...report, absentModels: (await store().mirror()).absentModels };
}
