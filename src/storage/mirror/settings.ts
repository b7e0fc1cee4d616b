/**
 * What the mirror needs to know itself, in a database of its own: the chosen folder, deletions not yet made there, and
 * names of models that came without their files.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { withRoom, withRoomToDelete } from '../quota.ts';
import type { ModelContent } from './schema.ts';
import type { Deletion } from './target.ts';

/** Where the mirror is kept; a folder's handle stays valid over reloads, its permission may have to be asked again. */
export type Place =
	| { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
	| { readonly kind: 'browser' }
	| { readonly kind: 'off' };

interface MirrorSchema extends DBSchema {
	place: { key: 'place'; value: Place };
	deletions: { key: string; value: Deletion };
	models: { key: string; value: ModelContent };
}

export interface MirrorSettings {
	/** Null where nothing was chosen. */
	place(): Promise<Place | null>;
	choose(place: Place): Promise<void>;
	/** Deletions to be made in the mirror yet. */
	deletions(): Promise<Deletion[]>;
	remember(deletion: Deletion): Promise<void>;
	made(deletions: readonly Deletion[]): Promise<void>;
	/** Models known by name only. */
	models(): Promise<ModelContent[]>;
	addModel: (model: ModelContent) => Promise<void>;
}

/** Opened for each use: it is used seldom, and may have been lost since. */
export function mirrorSettings(name = 'cogsym-lab-mirror'): MirrorSettings {
	const within = async <T>(work: (db: IDBPDatabase<MirrorSchema>) => Promise<T>): Promise<T> => {
		const db = await openDB<MirrorSchema>(name, 1, {
			upgrade(fresh) {
				fresh.createObjectStore('place');
				fresh.createObjectStore('deletions');
				fresh.createObjectStore('models', { keyPath: 'id' });
			},
		});
		try {
			return await work(db);
		} finally {
			db.close();
		}
	};
	const keeping = (what: string, put: (db: IDBPDatabase<MirrorSchema>) => Promise<unknown>) =>
		within(async (db) => {
			await withRoom(what, 0, () => put(db));
		});
	const key = ({ kind, id }: Deletion) => `${kind}/${id}`;
	return {
		place: () => within(async (db) => (await db.get('place', 'place')) ?? null),
		choose: (place) => keeping('the place of the mirror', (db) => db.put('place', place, 'place')),
		deletions: () => within((db) => db.getAll('deletions')),
		remember: (deletion) =>
			keeping('a deletion for the mirror', (db) => db.put('deletions', deletion, key(deletion))),
		made: (deletions) =>
			within(async (db) => {
				for (const deletion of deletions)
					await withRoomToDelete(() => db.delete('deletions', key(deletion)));
			}),
		models: () => within((db) => db.getAll('models')),
		addModel: (model) =>
			keeping(`the name of the model ${model.name}`, (db) => db.put('models', model)),
	};
}
