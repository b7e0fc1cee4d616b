/** The folder a mirror lies in: the user's, or one of the browser's own. */
import { readFile } from '../storage/mirror/files.ts';
import { paths } from '../storage/mirror/format.ts';

/** Of the folder that is made in the one the user chose. */
const ownName = 'cogsym-library';

/** Not in the types of TypeScript yet. */
interface AskedHandle {
	queryPermission(what: { readonly mode: 'readwrite' }): Promise<PermissionState>;
}

/** Whether the lab may write there without asking; where the browser has no such question, it may. */
export async function mayWrite(handle: FileSystemDirectoryHandle): Promise<boolean> {
	if (!('queryPermission' in handle)) return true;
	const asked = handle as unknown as AskedHandle;
	return (await asked.queryPermission({ mode: 'readwrite' })) === 'granted';
}

/** Where in the chosen folder the library lies: in the folder itself where it is a mirror, else in one of its own. */
export async function mirrorWithin(
	chosen: FileSystemDirectoryHandle,
): Promise<FileSystemDirectoryHandle> {
	const index = await readFile(chosen, paths.index);
	const isMirror = index !== null && (await index.slice(0, 256).text()).includes('cogsym-lab');
	return isMirror ? chosen : await chosen.getDirectoryHandle(ownName, { create: true });
}

/** The lab's part of the browser's own file system (OPFS). Null where there is none, or none that is written whole. */
export async function browserFolder(): Promise<FileSystemDirectoryHandle | null> {
	const { storage } = (globalThis as { navigator?: { storage?: Partial<StorageManager> } })
		.navigator ?? { storage: {} };
	const file = (globalThis as { FileSystemFileHandle?: { prototype: object } })
		.FileSystemFileHandle;
	if (!storage?.getDirectory || !file || !('createWritable' in file.prototype)) return null;
	try {
		return await (await storage.getDirectory()).getDirectoryHandle('mirror', { create: true });
	} catch {
		// Private windows of some browsers have the functions and refuse the calls.
		return null;
	}
}

/** What went wrong in a folder, in words. */
export function folderFailure(error: unknown, folder: string | null): string {
	if (!(error instanceof Error)) return String(error);
	const where = folder === null ? 'the browser’s own folder' : `the folder ${folder}`;
	const words: Readonly<Record<string, string>> = {
		NotFoundError: `A part of ${where} is gone; it may have been moved or deleted. Choose a folder again.`,
		NotAllowedError: `The browser does not let the lab write to ${where} any more. Reconnect it.`,
		NoModificationAllowedError: `Another program is writing to ${where}; the lab tries again at the next change.`,
		QuotaExceededError: `No room left for a copy in ${where}. What was copied before is still there, and the library itself is not concerned.`,
	};
	return words[error.name] ?? error.message;
}
