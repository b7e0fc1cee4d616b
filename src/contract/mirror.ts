/** A second copy of the library as plain files: where it is kept, what it holds, and what came back from it. */
import type { RunStatus } from './library.ts';

/** `folder`: one the user chose. `browser`: a folder of the browser's own (OPFS). `none`: this browser has no such folder. */
export type MirrorPlace = 'folder' | 'browser' | 'off' | 'none';

export interface MirrorCounts {
	readonly runs: number;
	readonly datasets: number;
	/** Models by name only: their files are not copied. */
	readonly models: number;
	readonly checkpoints: number;
	readonly bytes: number;
}

/** A model that runs of this library start from and that is not stored here: its folder must be imported again. */
export interface AbsentModel {
	readonly id: string;
	readonly name: string;
	readonly files: readonly { readonly name: string; readonly size: number }[];
}

export interface MirrorState {
	readonly place: MirrorPlace;
	/** Name of the folder the user chose. */
	readonly folder: string | null;
	/** True while the browser wants to be asked again before the lab may write to the folder. */
	readonly waiting: boolean;
	/** True while something is being copied. */
	readonly busy: boolean;
	/** When the copy last agreed with the library, in milliseconds; null: not yet since the page was opened. */
	readonly mirroredAt: number | null;
	readonly holds: MirrorCounts | null;
	/** Checkpoints that are not copied: all together they would exceed what the browser's folder is allowed. */
	readonly leftOut: number;
	/** Runs and datasets of the mirror that the library lacks, or of which it has fewer updates. */
	readonly more: { readonly runs: number; readonly datasets: number };
	/** Of runs of this library. */
	readonly absentModels: readonly AbsentModel[];
	/** Why the last attempt did not end well, in words. */
	readonly failure: string | null;
}

/** Where a library of files is read from. Paths lead from the chosen folder on. */
export type LibrarySource =
	| { readonly kind: 'mirror' }
	| {
			readonly kind: 'files';
			readonly files: readonly { readonly path: string; readonly file: File }[];
	  }
	| { readonly kind: 'archive'; readonly file: File };

/**
 * `absent`: the library has none. `further`: the file has more updates, or was changed later. `same`, or `behind`: the
 * library keeps its own.
 */
export type Standing = 'absent' | 'further' | 'same' | 'behind';

export interface FoundThing {
	readonly kind: 'run' | 'dataset' | 'model';
	readonly id: string;
	/** Of a run: its model's name where that is known, else its id. */
	readonly name: string;
	readonly standing: Standing;
	/** When it was added, of a run changed last, in milliseconds. */
	readonly at: number;
	/** Of a run. */
	readonly updates?: { readonly done: number; readonly total: number; readonly status: RunStatus };
}

/** What a library of files holds, before anything of it is taken. */
export interface FoundLibrary {
	/** When it was written last, in milliseconds; null where it does not say. */
	readonly savedAt: number | null;
	readonly things: readonly FoundThing[];
	/** What cannot be used: path and reason, one line each. */
	readonly problems: readonly string[];
}

export interface BroughtBack {
	readonly runs: number;
	readonly datasets: number;
	/** Of these runs, those whose checkpoint is not among the files: their results are here, their weights are not. */
	readonly withoutWeights: number;
	/** Things the library had as they are or newer. */
	readonly kept: number;
	/** What could not be used or came back in part: one line each. */
	readonly problems: readonly string[];
}

/** What went into one file. */
export interface SavedLibrary {
	readonly runs: number;
	readonly datasets: number;
	readonly bytes: number;
	/** What could not be read and is not in it: one line each. */
	readonly problems: readonly string[];
}
