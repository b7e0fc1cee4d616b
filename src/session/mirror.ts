/** Keeps a second copy of the library as plain files, off the way of everything else: it follows what was committed. */
import { namedError } from '../contract/errors.ts';
import type { AbsentModel, MirrorState } from '../contract/mirror.ts';
import type { LabDatabase } from '../storage/database.ts';
import { onChangedRuns } from '../storage/mirror/changes.ts';
import { listFiles } from '../storage/mirror/files.ts';
import { holdMirror } from '../storage/mirror/lock.ts';
import type { LibraryFiles } from '../storage/mirror/reading.ts';
import { retireCopy } from '../storage/mirror/retire.ts';
import type { MirrorSettings, Place } from '../storage/mirror/settings.ts';
import type { Deletion } from '../storage/mirror/target.ts';
import { mirrorPasses } from './mirrorPasses.ts';
import { mirrorPlaces } from './mirrorPlace.ts';

export interface MirrorTools {
	readonly database: () => Promise<LabDatabase>;
	readonly settings: MirrorSettings;
	/** Null where the browser has none. */
	readonly browserFolder: () => Promise<FileSystemDirectoryHandle | null>;
}

export interface Mirror {
	readonly state: () => Promise<MirrorState>;
	/** `told` hears of every change of the state from now on. */
	readonly watch: (told: (state: MirrorState) => void) => void;
	/** The library was changed, or of this run or model something its record does not show: the copy follows soon. */
	readonly changed: (id?: string) => void;
	/** A thing was deleted by hand: its copy goes, too. */
	readonly deleted: (deletion: Deletion) => Promise<void>;
	readonly keepIn: (place: Place) => Promise<void>;
	/** The folder the user chose, for the page to ask the browser about; null where there is none. */
	readonly chosenFolder: () => Promise<FileSystemDirectoryHandle | null>;
	/** Copies what changed at once; resolves when that has ended, well or not. */
	readonly now: () => Promise<MirrorState>;
	/** The files of the copy, to bring back from. Rejects with `NotFound` where there is none to read. */
	readonly files: () => Promise<LibraryFiles>;
}

export function createMirror(tools: MirrorTools): Mirror {
	const { database, settings, browserFolder } = tools;
	const watchers: ((state: MirrorState) => void)[] = [];
	const places = mirrorPlaces(settings, browserFolder);
	const passes = mirrorPasses(database, settings, places, async () => {
		if (watchers.length === 0) return;
		const now = await state();
		for (const told of watchers) told(now);
	});
	const state = async (): Promise<MirrorState> => ({
		...(await places.told()),
		...passes.told(),
		absentModels: await absentModels(tools).catch(() => []),
	});
	let listening = false;
	const changed = (id?: string): void => {
		if (!listening) onChangedRuns(passes.changed);
		listening = true;
		passes.changed(id);
	};
	return {
		state,
		changed,
		watch: (told) => watchers.push(told),
		async deleted(deletion) {
			await settings.remember(deletion).catch(() => undefined);
			changed();
		},
		async keepIn(place) {
			await places.choose(place);
			passes.forget();
			await passes.now();
			if (place.kind === 'browser' || passes.told().failure !== null) return;
			const former = await browserFolder();
			if (former) await holdMirror(async () => retireCopy(await database(), former));
		},
		async chosenFolder() {
			const place = await places.now();
			return place.kind === 'folder' ? place.handle : null;
		},
		async now() {
			await passes.now();
			return await state();
		},
		async files() {
			const folder = await places.root();
			if (folder) return await listFiles(folder);
			throw namedError(
				'NotFound',
				'There is no mirror that can be read at present: reconnect its folder, or choose it again.',
			);
		},
	};
}

/** Models that runs start from and whose files are not here. */
async function absentModels({ database, settings }: MirrorTools): Promise<AbsentModel[]> {
	const known = await settings.models();
	if (known.length === 0) return [];
	const db = await database();
	const stored = new Set(await db.getAllKeys('models'));
	const needed = new Set((await db.getAll('runs')).map(({ spec }) => spec.model));
	return known
		.filter(({ id }) => needed.has(id) && !stored.has(id))
		.map(({ id, name, files }) => ({
			id,
			name,
			files: files.map((file) => ({ name: file.name, size: file.size })),
		}));
}
