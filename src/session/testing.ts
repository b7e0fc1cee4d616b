/** For tests: files of the reference folders. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ByteSource } from '../contract/model.ts';

export const golden = '../shared/golden';

/** Files of a folder as byte sources. */
export function folderSources(folder: string): ByteSource[] {
	return readdirSync(folder)
		.filter((name) => statSync(`${folder}/${name}`).isFile())
		.map((name) => {
			const bytes = readFileSync(`${folder}/${name}`);
			return {
				name,
				size: bytes.length,
				read: (begin, end) => Promise.resolve(new Uint8Array(bytes.subarray(begin, end))),
			};
		});
}

export const readJsonFile = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
