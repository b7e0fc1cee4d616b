/** The browser's own questions: which folder, which file, and whether the lab may write there. Chromium's only so far. */

interface Pickers {
	showDirectoryPicker(options: object): Promise<FileSystemDirectoryHandle>;
	showSaveFilePicker(options: object): Promise<FileSystemFileHandle>;
}

interface AskedHandle {
	requestPermission(what: { readonly mode: 'readwrite' }): Promise<PermissionState>;
}

const pickers = globalThis as unknown as Partial<Pickers>;

export const canChooseFolder = (): boolean => pickers.showDirectoryPicker !== undefined;
export const canChooseTarget = (): boolean => pickers.showSaveFilePicker !== undefined;

/** Undefined where the user chose none. */
async function chosen<T>(choice: Promise<T> | undefined): Promise<T | undefined> {
	try {
		return await choice;
	} catch (error) {
		if (error instanceof Error && error.name === 'AbortError') return undefined;
		throw error;
	}
}

export function chooseFolder(): Promise<FileSystemDirectoryHandle | undefined> {
	return chosen(pickers.showDirectoryPicker?.({ id: 'mirror', mode: 'readwrite' }));
}

/** A file for the whole library. */
export function chooseTarget(): Promise<FileSystemFileHandle | undefined> {
	const suggestedName = `cogsym-library-${new Date().toISOString().slice(0, 10)}.tar`;
	const types = [{ description: 'tar archive', accept: { 'application/x-tar': ['.tar'] } }];
	return chosen(pickers.showSaveFilePicker?.({ id: 'library', suggestedName, types }));
}

/** True where the user lets the lab write to the folder. */
export async function askToWrite(folder: FileSystemDirectoryHandle): Promise<boolean> {
	const asked = folder as unknown as AskedHandle;
	return (await asked.requestPermission({ mode: 'readwrite' })) === 'granted';
}
