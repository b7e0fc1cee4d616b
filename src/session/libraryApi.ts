/** The part of the store's interface that is about libraries as files. */
import { namedError } from '../contract/errors.ts';
import type { LibrarySource } from '../contract/mirror.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import type { LabDatabase } from '../storage/database.ts';
import { findLibrary, type LibraryFiles } from '../storage/mirror/reading.ts';
import { restoreLibrary } from '../storage/mirror/restore.ts';
import type { MirrorSettings } from '../storage/mirror/settings.ts';
import { lookAt } from '../storage/mirror/standing.ts';
import { readTar } from '../weights/untar.ts';
import { saveLibrary } from './libraryFile.ts';
import type { Mirror } from './mirror.ts';

interface LibraryTools {
	readonly database: () => Promise<LabDatabase>;
	readonly mirror: Mirror;
	readonly settings: MirrorSettings;
}

export function libraryApi({ database, mirror, settings }: LibraryTools) {
	const open = async (source: LibrarySource): Promise<LibraryFiles> => {
		switch (source.kind) {
			case 'mirror':
				return findLibrary(await mirror.files(), 'The mirror');
			case 'files':
				return findLibrary(
					new Map(source.files.map(({ path, file }) => [path, file])),
					'The folder',
				);
			case 'archive':
				return findLibrary(await readTar(source.file, source.file.name), source.file.name);
		}
	};
	return {
		mirror: mirror.state,
		watchMirror: (told) => {
			mirror.watch(told);
			return Promise.resolve();
		},
		keepMirrorIn: async (place) => {
			checkPlace(place);
			await mirror.keepIn(
				typeof place === 'string' ? { kind: place } : { kind: 'folder', handle: place },
			);
			return await mirror.state();
		},
		mirrorFolder: mirror.chosenFolder,
		mirrorNow: mirror.now,
		lookAtLibrary: async (source) => await lookAt(await database(), await open(source)),
		bringBack: async (source, onProgress) => {
			const files = await open(source);
			const report = await restoreLibrary(await database(), files, settings.addModel, onProgress);
			mirror.changed();
			return report;
		},
		saveLibrary: async (checkpoints, into, onProgress) =>
			await saveLibrary(await database(), settings, { checkpoints, into, onProgress }),
	} satisfies Partial<StoreApi>;
}

/** What crosses threads is checked: a place that is none would fail later, where nobody waits for it. */
function checkPlace(place: unknown): void {
	const isFolder =
		typeof place === 'object' && place !== null && 'kind' in place && place.kind === 'directory';
	if (place === 'browser' || place === 'off' || isFolder) return;
	throw namedError(
		'BadInput',
		'A mirror is kept in a folder, in the browser, or nowhere; choose one of them',
	);
}
