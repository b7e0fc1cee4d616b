/** The library's second copy, one file of all of it, and what comes back from either. */
import type {
	BroughtBack,
	FoundLibrary,
	LibrarySource,
	MirrorState,
	SavedLibrary,
} from '../contract/mirror.ts';
import type { FolderFile } from '../contract/dataApi.ts';
import type { Progress } from '../contract/progress.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { download } from './download.ts';
import { DropTarget } from './dropTarget.svelte.ts';
import { explain, type Failure } from './failure.ts';
import { droppedFiles, pickedFiles } from './files.ts';
import type { Library } from './library.svelte.ts';
import { recall, remember } from './memory.ts';
import {
	askToWrite,
	canChooseFolder,
	canChooseTarget,
	chooseFolder,
	chooseTarget,
} from './pickers.ts';

/** A library of files that was looked at, and where it is. */
export interface Found {
	readonly source: LibrarySource;
	/** In words. */
	readonly where: string;
	readonly library: FoundLibrary;
}

/** Under which the name of the chosen folder is kept: it outlives the databases. */
const folderKey = 'mirror-folder';

export class Mirror {
	readonly #library: Library;
	#watched: StoreApi | null = null;
	#state = $state.raw<MirrorState | null>(null);
	#found = $state.raw<Found | null>(null);
	#report = $state.raw<BroughtBack | null>(null);
	#saved = $state.raw<SavedLibrary | null>(null);
	#progress = $state.raw<Progress | null>(null);
	#failure = $state.raw<Failure | null>(null);
	/** Whether weights and moments go into the one file. */
	checkpoints = $state(true);
	readonly canChooseFolder = canChooseFolder();
	/** A saved library: an archive, or a folder with all that is in it. */
	readonly target: DropTarget;
	readonly folderTarget: DropTarget;

	constructor(library: Library) {
		this.#library = library;
		const take = (files: readonly FolderFile[]) => this.#look(sourceOf(files), whereOf(files));
		this.target = new DropTarget(
			(files) => take(pickedFiles(files)),
			async (transfer) => take(await droppedFiles(transfer)),
		);
		this.folderTarget = new DropTarget((files) => take(pickedFiles(files)));
	}

	get state(): MirrorState | null {
		return this.#state;
	}
	get found(): Found | null {
		return this.#found;
	}
	get report(): BroughtBack | null {
		return this.#report;
	}
	get saved(): SavedLibrary | null {
		return this.#saved;
	}
	/** Of saving or bringing back; null: neither is going on. */
	get progress(): Progress | null {
		return this.#progress;
	}
	get failure(): Failure | null {
		return this.#failure;
	}
	/** The folder of before, where the browser has lost which it was. */
	get formerFolder(): string | null {
		return this.#state && this.#state.place !== 'folder' ? recall(folderKey) : null;
	}

	/** Follows the state of the store thread's mirror, and again once that thread had to be opened anew. */
	follow = async (): Promise<void> => {
		const store = this.#library.store();
		if (store === this.#watched) return;
		this.#watched = store;
		try {
			await store.watchMirror((state) => (this.#state = state));
			this.#state = await store.mirror();
		} catch {
			// Why the library cannot be read is told where it is read.
			this.#watched = null;
		}
	};

	dismiss = (): void => {
		this.#failure = null;
	};

	close = (): void => {
		this.#found = null;
		this.#report = null;
	};

	/** By a press only: the browser asks which folder. */
	chooseFolder = (): Promise<void> =>
		this.#attempt('The mirror was not moved', async () => {
			const folder = await chooseFolder();
			if (!folder) return;
			remember(folderKey, folder.name);
			this.#state = await this.#library.store().keepMirrorIn(folder);
		});

	/** By a press only: the browser asks whether the lab may write there. */
	reconnect = (): Promise<void> =>
		this.#attempt('The folder was not reconnected', async () => {
			const store = this.#library.store();
			const folder = await store.mirrorFolder();
			if (folder && (await askToWrite(folder))) this.#state = await store.mirrorNow();
		});

	keepIn = (place: 'browser' | 'off'): Promise<void> =>
		this.#attempt('The mirror was not moved', async () => {
			remember(folderKey, null);
			this.#state = await this.#library.store().keepMirrorIn(place);
		});

	lookAtMirror = (): Promise<void> => this.#look({ kind: 'mirror' }, 'the mirror');

	bringBack = (): Promise<void> =>
		this.#attempt('Not everything came back', async () => {
			if (!this.#found) return;
			const { source } = this.#found;
			this.#report = await this.#library
				.store()
				.bringBack(source, (progress) => (this.#progress = progress));
			this.#found = null;
			await this.#library.refresh();
			this.#state = await this.#library.store().mirrorNow();
		});

	/** Into a file the user chooses, where the browser lets them, else into the downloads. */
	save = (): Promise<void> =>
		this.#attempt('The library was not saved', async () => {
			this.#saved = null;
			const into = canChooseTarget() ? await chooseTarget() : null;
			if (into === undefined) return;
			const store = this.#library.store();
			const told = (progress: Progress) => (this.#progress = progress);
			const { saved, file } = await store.saveLibrary(this.checkpoints, into, told);
			if (file) download(file);
			this.#saved = saved;
		});

	#look(source: LibrarySource | null, where: string): Promise<void> {
		return this.#attempt('The saved library could not be read', async () => {
			if (!source) return;
			this.#report = null;
			const library = await this.#library.store().lookAtLibrary(source);
			this.#found = { source, where, library };
		});
	}

	async #attempt(title: string, work: () => Promise<void>): Promise<void> {
		this.#failure = null;
		try {
			await work();
		} catch (error) {
			this.#failure = explain(title, error);
		}
		this.#progress = null;
	}
}

/** One file alone is an archive. */
function sourceOf(files: readonly FolderFile[]): LibrarySource | null {
	const [first, ...more] = files;
	if (!first) return null;
	const alone = more.length === 0 && !first.path.includes('/');
	return alone ? { kind: 'archive', file: first.file } : { kind: 'files', files };
}

function whereOf(files: readonly FolderFile[]): string {
	return files[0]?.path.split('/')[0] ?? '';
}
