/** The mirror's passes, and what is known since the last one. */
import type { MirrorState } from '../contract/mirror.ts';
import type { LabDatabase } from '../storage/database.ts';
import { paths } from '../storage/mirror/format.ts';
import { holdMirror } from '../storage/mirror/lock.ts';
import { mirrorPass, type PassOutcome } from '../storage/mirror/pass.ts';
import type { MirrorSettings } from '../storage/mirror/settings.ts';
import { folderFailure } from './mirrorFolder.ts';
import type { MirrorPlaces } from './mirrorPlace.ts';
import { paced } from './paced.ts';

/** Bytes that checkpoints may take in the browser's own folder: they share the room of the library itself. */
const browserLimit = 1e9;

export interface MirrorPasses {
	readonly told: () => Pick<
		MirrorState,
		'busy' | 'mirroredAt' | 'holds' | 'leftOut' | 'more' | 'failure'
	>;
	/** A pass follows soon; `id` names a run or model whose record does not show that something of it changed. */
	readonly changed: (id?: string) => void;
	/** A pass at once; resolves when it has ended, well or not. */
	readonly now: () => Promise<void>;
	/** The mirror is another one from now on. */
	readonly forget: () => void;
}

/** `onState` is called when a pass begins and ends. */
export function mirrorPasses(
	database: () => Promise<LabDatabase>,
	settings: MirrorSettings,
	places: MirrorPlaces,
	onState: () => Promise<void>,
): MirrorPasses {
	let outcome: PassOutcome | null = null;
	let mirroredAt: number | null = null;
	let failure: string | null = null;
	const dirty = new Set<string>();

	const pass = async (folder: FileSystemDirectoryHandle, limit: number | null): Promise<void> => {
		const db = await database();
		const deletions = await settings.deletions().catch(() => []);
		const known = outcome?.survey ?? null;
		for (const id of dirty)
			for (const path of [paths.run(id), paths.model(id)]) known?.stamps.delete(path);
		dirty.clear();
		outcome = await holdMirror(() => mirrorPass(db, folder, { limit, deletions }, known));
		await settings.made(deletions).catch(() => undefined);
		mirroredAt = Date.now();
		failure = outcome.problems[0] ?? null;
	};
	const passes = paced(async () => {
		const place = await places.now();
		try {
			const folder = await places.root();
			if (folder) await pass(folder, place.kind === 'browser' ? browserLimit : null);
		} catch (error) {
			// What is there is looked at anew before anything more is written.
			outcome = null;
			failure = folderFailure(error, place.kind === 'folder' ? place.handle.name : null);
		}
	}, onState);
	return {
		now: passes.now,
		told: () => ({
			busy: passes.busy(),
			mirroredAt,
			holds: outcome?.holds ?? null,
			leftOut: outcome?.leftOut ?? 0,
			more: outcome?.more ?? { runs: 0, datasets: 0 },
			failure,
		}),
		changed(id) {
			if (id !== undefined) dirty.add(id);
			passes.soon();
		},
		forget() {
			outcome = null;
			mirroredAt = null;
			failure = null;
		},
	};
}
