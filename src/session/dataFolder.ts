/** A folder of data files, and the parts of them that are measured. */
import { namedError } from '../contract/errors.ts';
import type { FileTaskChoice, RunDraws } from '../contract/evaluation.ts';
import type { FolderFile } from '../contract/dataApi.ts';
import { type NamedTable, readTable } from '../data/table.ts';

/** Reads a file by its path within the folder; each once. */
export interface Folder {
	has(path: string): boolean;
	read(path: string): Promise<NamedTable>;
}

export function openFolder(files: readonly FolderFile[]): Folder {
	const tables = new Map<string, NamedTable>();
	return {
		has: (path) => files.some((one) => one.path === path),
		async read(path) {
			const found = files.find((one) => one.path === path);
			if (!found) throw namedError('BadInput', `${path}: there is no such file in the data folder`);
			const known = tables.get(path);
			if (known) return known;
			const named = { table: await readTable(found.file, path), file: path };
			tables.set(path, named);
			return named;
		},
	};
}

/** What tasks take over of a choice. */
export const drawsOf = ({ runs, seed, shots }: RunDraws): RunDraws =>
	shots === undefined ? { runs, seed } : { runs, seed, shots };

/** Throws `BadInput` where no item is left. */
export function selected<Item>(
	items: readonly Item[],
	rows: FileTaskChoice['rows'],
	what: string,
): readonly Item[] {
	const left = rows ? items.slice(...rows) : items;
	if (left.length > 0) return left;
	const range = rows ? ` in rows ${rows[0]}:${rows[1]}` : '';
	throw namedError('BadInput', `${what}: there is nothing to measure${range} of ${items.length}`);
}
