/** Files out of a picker or a drop: the top level of one folder, single files, or folders with all that is in them. */
import type { FolderFile } from '../contract/dataApi.ts';

export interface PickedFolder {
	readonly name: string;
	readonly files: readonly File[];
}

/** Files directly inside the folder an `<input webkitdirectory>` gave; deeper and hidden ones are left out. */
export function pickedFolder(files: readonly File[]): PickedFolder {
	const path = (file: File) => file.webkitRelativePath.split('/');
	const first = files[0];
	const named = first && path(first).length > 1 ? path(first)[0] : undefined;
	return {
		name: named ?? 'model',
		files: files.filter((file) => path(file).length <= 2 && !file.name.startsWith('.')),
	};
}

function readEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
	return new Promise((resolve, reject) => {
		reader.readEntries(resolve, reject);
	});
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
	return new Promise((resolve, reject) => {
		entry.file(resolve, reject);
	});
}

/** All files directly inside a dropped directory. `readEntries` hands out at most 100 at a time. */
async function filesInside(directory: FileSystemDirectoryEntry): Promise<File[]> {
	const reader = directory.createReader();
	const files: File[] = [];
	for (;;) {
		const entries = await readEntries(reader);
		if (entries.length === 0) return files;
		for (const entry of entries)
			if (entry.isFile && !entry.name.startsWith('.'))
				files.push(await fileOf(entry as FileSystemFileEntry));
	}
}

/** A dropped folder, or the dropped files themselves. Entries must be taken before the first await. */
export async function droppedFolder(transfer: DataTransfer): Promise<PickedFolder> {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
	const plain = [...transfer.files];
	const directory = entries.find((entry) => entry?.isDirectory);
	if (!directory) return { name: 'model', files: plain };
	return { name: directory.name, files: await filesInside(directory as FileSystemDirectoryEntry) };
}

/** How deep below a dropped folder files are looked for. */
const depth = 6;

/** Files of a picker, by their paths from the picked folder on; hidden ones are left out. */
export function pickedFiles(files: readonly File[]): readonly FolderFile[] {
	return files
		.map((file) => ({ path: file.webkitRelativePath || file.name, file }))
		.filter(({ path }) => path.split('/').every((part) => !part.startsWith('.')));
}

async function filesBelow(
	entry: FileSystemEntry,
	within: string,
	left: number,
): Promise<FolderFile[]> {
	if (entry.name.startsWith('.') || left < 0) return [];
	const path = within + entry.name;
	if (entry.isFile) return [{ path, file: await fileOf(entry as FileSystemFileEntry) }];
	const reader = (entry as FileSystemDirectoryEntry).createReader();
	const found: FolderFile[] = [];
	for (;;) {
		const entries = await readEntries(reader);
		if (entries.length === 0) return found;
		for (const one of entries) found.push(...(await filesBelow(one, `${path}/`, left - 1)));
	}
}

/** Dropped files and all files of dropped folders, by their paths. Entries must be taken before the first await. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly FolderFile[]> {
	const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
	const found: FolderFile[] = [];
	for (const entry of entries) found.push(...(await filesBelow(entry, '', depth)));
	return found;
}
