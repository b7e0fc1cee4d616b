/** For tests in Node, which has none: the private file system of an origin, on a disk of a size. */
import './testing.ts';

export interface Disk {
	/** Bytes that its files may take together. */
	capacity: number;
	/** Bytes that its files take. */
	used(): number;
}

/** Of what is written in place only the length is kept: nobody reads it. */
interface StoredText {
	text: string;
	length: number;
}

/** Puts an empty disk in place; what is asked of it later sees it. */
export function originFiles(capacity = 2 ** 30): Disk {
	const files = new Map<string, StoredText>();
	const used = () => [...files.values()].reduce((sum, { length }) => sum + length, 0);
	const disk: Disk = { capacity, used };
	const folder: object = {
		getDirectoryHandle: () => Promise.resolve(folder),
		async getFileHandle(name: string, { create = false } = {}) {
			// As in browsers, the answer comes in a later task: a transaction that waits for it is over.
			await new Promise((resolve) => setTimeout(resolve, 1));
			const file = files.get(name) ?? { text: '', length: 0 };
			if (create) files.set(name, file);
			if (!files.has(name)) throw new DOMException(name, 'NotFoundError');
			return fileHandle(file, () => disk.capacity - used());
		},
	};
	Object.assign(navigator.storage, { getDirectory: () => Promise.resolve(folder) });
	return disk;
}

function fileHandle(file: StoredText, room: () => number): object {
	return {
		getFile: () => Promise.resolve(new Blob([file.text])),
		createWritable: () =>
			Promise.resolve({
				write: (text: string) => (file.text = text),
				close: () => undefined,
			}),
		createSyncAccessHandle: () =>
			Promise.resolve({
				getSize: () => file.length,
				truncate: (size: number) => (file.length = size),
				write(part: Uint8Array, { at }: { at: number }) {
					if (part.length > room()) throw new DOMException('no room', 'QuotaExceededError');
					file.length = at + part.length;
					return part.length;
				},
				close: () => undefined,
			}),
	};
}
