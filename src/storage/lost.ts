/**
 * A library that is gone without anybody having deleted it: browsers drop a database whose files are damaged, or that a
 * full disk kept them from writing, and open an empty one in its place. A note beside the database says what it held.
 */
import type { LostLibrary } from '../contract/library.ts';
import type { LabDatabase } from './database.ts';
import { originFolder } from './originFiles.ts';
import { withRoom, withRoomToDelete } from './quota.ts';

interface Note extends Pick<LostLibrary, 'models' | 'datasets' | 'runs' | 'seenAt'> {
	/** Of the database. */
	readonly id: string;
}

/** By name of the database, what this thread last knew: all that is left where files went with it (site data cleared). */
const noted = new Map<string, Note>();

/**
 * Notes what the database holds, to be called after every change of that. Where the note tells of another database that
 * held something, that one is lost, which is then kept in this one. Never rejects.
 */
export async function noteLibrary(db: LabDatabase): Promise<void> {
	try {
		const note = await describe(db);
		const before = noted.get(db.name) ?? (await readNote(db.name));
		noted.set(db.name, note);
		if (before !== null && before.id !== note.id && held(before)) await keepLost(db, before);
		await writeNote(db.name, note);
	} catch {
		// What was to be kept is kept; only its loss would not be noticed.
	}
}

const held = ({ models, datasets, runs }: Note) => models + datasets + runs > 0;

async function describe(db: LabDatabase): Promise<Note> {
	const transaction = db.transaction(['about', 'models', 'datasets', 'runs']);
	const [id, models, datasets, runs] = await Promise.all([
		transaction.objectStore('about').get('id'),
		transaction.objectStore('models').count(),
		transaction.objectStore('datasets').count(),
		transaction.objectStore('runs').count(),
	]);
	return { id: id as string, models, datasets, runs, seenAt: Date.now() };
}

/** Of what several threads knew of the lost one, the last is told. */
async function keepLost(db: LabDatabase, { models, datasets, runs, seenAt }: Note): Promise<void> {
	const known = await lostLibrary(db);
	if (known !== null && known.seenAt >= seenAt) return;
	const lost = { models, datasets, runs, seenAt, noticedAt: Date.now() };
	await withRoom('what was lost', 0, () => db.put('about', lost, 'lost'));
}

/** What was lost before this database was made, until `forgetLost`. */
export async function lostLibrary(db: LabDatabase): Promise<LostLibrary | null> {
	return ((await db.get('about', 'lost')) as LostLibrary | undefined) ?? null;
}

export async function forgetLost(db: LabDatabase): Promise<void> {
	await withRoomToDelete(() => db.delete('about', 'lost'));
}

async function readNote(name: string): Promise<Note | null> {
	const folder = await originFolder();
	if (folder === null) return null;
	try {
		const file = await (await folder.getFileHandle(`${name}.json`)).getFile();
		return JSON.parse(await file.text()) as Note;
	} catch {
		return null;
	}
}

/** In one piece: the file is replaced once everything is written. */
async function writeNote(name: string, note: Note): Promise<void> {
	const folder = await originFolder();
	const handle = await folder?.getFileHandle(`${name}.json`, { create: true });
	const file = await handle?.createWritable();
	await file?.write(JSON.stringify(note));
	await file?.close();
}
