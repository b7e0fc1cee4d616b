/** Files beside the database, in the private file system of the page's origin: they do not go where the database goes. */

const FOLDER = 'storage';

/** The folder of these files; null where the browser has no such file system, or not here (a private window, say). */
export async function originFolder(): Promise<FileSystemDirectoryHandle | null> {
	try {
		const root = await navigator.storage.getDirectory();
		return await root.getDirectoryHandle(FOLDER, { create: true });
	} catch {
		return null;
	}
}
