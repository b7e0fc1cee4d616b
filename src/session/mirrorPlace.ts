/** Where the mirror is kept, for as long as the thread lives: the database that remembers it may be lost meanwhile. */
import type { MirrorState } from '../contract/mirror.ts';
import type { MirrorSettings, Place } from '../storage/mirror/settings.ts';
import { mayWrite, mirrorWithin } from './mirrorFolder.ts';

export interface MirrorPlaces {
	readonly now: () => Promise<Place>;
	readonly choose: (place: Place) => Promise<void>;
	/** The mirror's folder; null where nothing is to be written, or may not be at present. */
	readonly root: () => Promise<FileSystemDirectoryHandle | null>;
	readonly told: () => Promise<Pick<MirrorState, 'place' | 'folder' | 'waiting'>>;
}

export function mirrorPlaces(
	settings: MirrorSettings,
	browserFolder: () => Promise<FileSystemDirectoryHandle | null>,
): MirrorPlaces {
	let place: Promise<Place> | null = null;
	const standard: Place = { kind: 'browser' };
	const now = (): Promise<Place> =>
		(place ??= settings.place().then(
			(chosen) => chosen ?? standard,
			() => standard,
		));
	return {
		now,
		async choose(chosen) {
			place = Promise.resolve(chosen);
			// What cannot be kept is asked again after a reload.
			await settings.choose(chosen).catch(() => undefined);
		},
		async root() {
			const chosen = await now();
			if (chosen.kind === 'off') return null;
			if (chosen.kind === 'browser') return await browserFolder();
			return (await mayWrite(chosen.handle)) ? await mirrorWithin(chosen.handle) : null;
		},
		async told() {
			const chosen = await now();
			if (chosen.kind === 'folder')
				return {
					place: 'folder',
					folder: chosen.handle.name,
					waiting: !(await mayWrite(chosen.handle)),
				};
			const none = chosen.kind === 'browser' && (await browserFolder()) === null;
			return { place: none ? 'none' : chosen.kind, folder: null, waiting: false };
		},
	};
}
