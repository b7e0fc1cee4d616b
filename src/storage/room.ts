/**
 * Room on the disk that is kept free on purpose. A database that cannot write its own log is dropped whole by some browsers
 * (Chromium), and no browser tells how much the disk has left. So a file beside the database holds real bytes: whether it
 * can still grow says, before the database is touched, whether a write will fit, and when it gets tight the file is given
 * back, so that the database can finish what it has to.
 */
import { holdReserve } from './locks.ts';
import { originFolder } from './originFiles.ts';

/** Bytes the file holds: more than the log, the tables and the compaction of the database take together. */
export const RESERVE = 16 * 1024 * 1024;
/** Bytes that must be free beside the reserve and what is written: a table of the database and its compaction. */
export const MARGIN = 8 * 1024 * 1024;

const piece = new Uint8Array(1024 * 1024);

/** The one file, held by one thread at a time; null where the browser has none, or it is blocked. */
async function withReserve<T>(work: (file: FileSystemSyncAccessHandle) => T): Promise<T | null> {
	const folder = await originFolder();
	if (folder === null) return null;
	const open = async (): Promise<T | null> => {
		try {
			const handle = await folder.getFileHandle('reserve', { create: true });
			const file = await handle.createSyncAccessHandle();
			try {
				return work(file);
			} finally {
				file.close();
			}
		} catch {
			return null;
		}
	};
	return await holdReserve(open);
}

/** Writes real bytes, since a length alone takes no room; false where they do not fit. */
function grow(file: FileSystemSyncAccessHandle, size: number): boolean {
	try {
		for (let at = file.getSize(); at < size;) {
			const part = piece.subarray(0, size - at);
			if (file.write(part, { at }) < part.length) return false;
			at += part.length;
		}
		return true;
	} catch {
		return false;
	}
}

/**
 * Whether `bytes` more can be written with the reserve whole, which is made where it is not. Null where it cannot be told.
 */
export async function roomFor(bytes: number): Promise<boolean | null> {
	return await withReserve((file) => {
		const whole = grow(file, RESERVE);
		const fits = whole && grow(file, RESERVE + bytes);
		// Half a reserve would only be in the way of the database.
		file.truncate(whole ? RESERVE : 0);
		return fits;
	});
}

/**
 * Gives the reserve back to the disk, for what the database must write now, and says whether `bytes` are free then; the next
 * `roomFor` makes it again. Null where it cannot be told.
 */
export async function giveBackReserve(bytes: number): Promise<boolean | null> {
	return await withReserve((file) => {
		file.truncate(0);
		const fits = grow(file, bytes);
		file.truncate(0);
		return fits;
	});
}
