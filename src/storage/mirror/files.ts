/** Files below a folder handle: written whole or not at all, listed, removed. */

/** Bytes as a file takes them. */
export type Pieces = Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;

async function folderOf(
	root: FileSystemDirectoryHandle,
	path: string,
	create: boolean,
): Promise<{ folder: FileSystemDirectoryHandle; name: string }> {
	const names = path.split('/');
	const name = names.pop() ?? '';
	let folder = root;
	for (const part of names) folder = await folder.getDirectoryHandle(part, { create });
	return { folder, name };
}

/**
 * Writes a file in place of a former one of its name. Until the last byte is written the former one stays, whatever
 * happens: the browser writes beside it and puts the new one in its place at the end.
 */
export async function writeFile(
	root: FileSystemDirectoryHandle,
	path: string,
	pieces: Pieces,
): Promise<void> {
	const { folder, name } = await folderOf(root, path, true);
	const handle = await folder.getFileHandle(name, { create: true });
	const writable = await handle.createWritable();
	try {
		for await (const piece of pieces) await writable.write(piece);
		await writable.close();
	} catch (error) {
		await writable.abort().catch(() => undefined);
		throw error;
	}
}

/** Null where there is none of this name. */
export async function readFile(
	root: FileSystemDirectoryHandle,
	path: string,
): Promise<File | null> {
	try {
		const { folder, name } = await folderOf(root, path, false);
		return await (await folder.getFileHandle(name)).getFile();
	} catch (error) {
		if (isAbsent(error)) return null;
		throw error;
	}
}

/** Removes a file or a folder with all that is in it; no matter whether it was there. */
export async function removeFile(root: FileSystemDirectoryHandle, path: string): Promise<void> {
	try {
		const { folder, name } = await folderOf(root, path, false);
		await folder.removeEntry(name, { recursive: true });
	} catch (error) {
		if (!isAbsent(error)) throw error;
	}
}

function isAbsent(error: unknown): boolean {
	return (
		error instanceof Error && (error.name === 'NotFoundError' || error.name === 'TypeMismatchError')
	);
}

/** How deep below the root files of a library lie. */
const depth = 2;

/** Every file below the folder by its path; hidden ones are left out. */
export async function listFiles(
	root: FileSystemDirectoryHandle,
	within = '',
	left = depth,
): Promise<Map<string, File>> {
	const found = new Map<string, File>();
	for await (const [name, entry] of root.entries()) {
		if (name.startsWith('.')) continue;
		if (entry.kind === 'file') found.set(within + name, await entry.getFile());
		else if (left > 0)
			for (const [path, file] of await listFiles(entry, `${within}${name}/`, left - 1))
				found.set(path, file);
	}
	return found;
}
